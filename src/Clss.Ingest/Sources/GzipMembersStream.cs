using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Clss.Ingest.Sources;

/// <summary>
/// Reads gzip data of one or several members (RFC 1952), checking length and CRC-32 of each. System.IO.Compression.GZipStream
/// of .NET 10 takes data that is cut off for data that has ended, without a word; this stream refuses it.
/// </summary>
internal sealed class GzipMembersStream : ReadOnlyStream
{
    private const int HeaderLength = 10;
    private const int TrailerLength = 8;
    private const int FlagHeaderCrc = 2;
    private const int FlagExtra = 4;
    private const int FlagName = 8;
    private const int FlagComment = 16;

    private readonly Stream _stream;
    private readonly string _source;
    private readonly Inflater _inflater = new(noHeader: true);
    private readonly Crc32 _crc = new();
    private readonly byte[] _input = new byte[1 << 16];
    private readonly byte[] _output = new byte[1 << 17];
    private int _inputPosition;
    private int _inputLength;
    private int _outputPosition;
    private int _outputLength;
    private long _memberLength;
    private bool _inMember;
    private bool _atTrailer;
    private bool _anyMember;
    private bool _ended;

    public GzipMembersStream(Stream stream, string source)
    {
        _stream = stream;
        _source = source;
    }

    public override int Read(Span<byte> buffer)
    {
        while (_outputPosition == _outputLength)
        {
            if (_ended || buffer.IsEmpty)
            {
                return 0;
            }

            Advance();
        }

        int count = Math.Min(buffer.Length, _outputLength - _outputPosition);
        _output.AsSpan(_outputPosition, count).CopyTo(buffer);
        _outputPosition += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Advance()
    {
        if (!_inMember)
        {
            BeginMember();
            return;
        }

        if (_atTrailer)
        {
            EndMember();
            return;
        }

        // Behind a full buffer the inflater may hold more output, even when it has no input left.
        if (_inflater.IsNeedingInput && _outputLength < _output.Length)
        {
            if (_inputPosition == _inputLength && !Fill())
            {
                throw new EndOfStreamException("the data ends inside a gzip member");
            }

            _inflater.SetInput(_input, _inputPosition, _inputLength - _inputPosition);
            _inputPosition = _inputLength;
        }

        _outputPosition = 0;
        _outputLength = 0;
        int produced = _inflater.Inflate(_output, 0, _output.Length);
        _crc.Update(new ArraySegment<byte>(_output, 0, produced));
        _memberLength += produced;
        _outputLength = produced;
        if (_inflater.IsFinished)
        {
            // The trailer is looked at when the output was taken: what a cut file still gives is given.
            _inputPosition = _inputLength - _inflater.RemainingInput;
            _atTrailer = true;
        }
        else if (produced == 0 && !_inflater.IsNeedingInput)
        {
            throw new InvalidDataException("the data asks for a preset dictionary");
        }
    }

    private void BeginMember()
    {
        if (_inputPosition == _inputLength && !Fill())
        {
            _ended = true;
            return;
        }

        if (_anyMember && _input[_inputPosition] != 0x1F)
        {
            SkipPadding();
            _ended = true;
            return;
        }

        Span<byte> header = stackalloc byte[HeaderLength];
        ReadAll(header);
        if (header[0] != 0x1F || header[1] != 0x8B || header[2] != 8)
        {
            throw new InvalidDataException("a gzip member has a wrong signature");
        }

        SkipOptionalFields(header[3]);
        _inflater.Reset();
        _crc.Reset();
        _memberLength = 0;
        _inMember = true;
        _anyMember = true;
    }

    private void SkipOptionalFields(int flags)
    {
        if ((flags & FlagExtra) != 0)
        {
            int length = NextByte() | (NextByte() << 8);
            for (int i = 0; i < length; i++)
            {
                NextByte();
            }
        }

        foreach (int flag in (ReadOnlySpan<int>)[FlagName, FlagComment])
        {
            while ((flags & flag) != 0 && NextByte() != 0)
            {
            }
        }

        if ((flags & FlagHeaderCrc) != 0)
        {
            NextByte();
            NextByte();
        }
    }

    private void EndMember()
    {
        _outputPosition = 0;
        _outputLength = 0;
        Span<byte> trailer = stackalloc byte[TrailerLength];
        ReadAll(trailer);
        uint crc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        uint length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (crc != (uint)_crc.Value || length != (uint)_memberLength)
        {
            throw new InvalidDataException("the gzip checksum does not fit the data");
        }

        _inMember = false;
        _atTrailer = false;
    }

    // Tapes and some tools fill up with zeros. Anything else behind the last member would be lost without a word.
    private void SkipPadding()
    {
        do
        {
            if (_input.AsSpan(_inputPosition, _inputLength - _inputPosition).ContainsAnyExcept((byte)0))
            {
                throw new ClssIngestException($"{_source}: bytes that are not gzip follow the gzip data. Was a plain file appended to it? Compress the whole again.");
            }
        }
        while (Fill());
        _inputPosition = _inputLength;
    }

    private void ReadAll(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)NextByte();
        }
    }

    private int NextByte() =>
        _inputPosition < _inputLength || Fill() ? _input[_inputPosition++] : throw new EndOfStreamException("the data ends inside a gzip header or trailer");

    private bool Fill()
    {
        _inputPosition = 0;
        _inputLength = 0;
        _inputLength = _stream.Read(_input);
        return _inputLength > 0;
    }
}

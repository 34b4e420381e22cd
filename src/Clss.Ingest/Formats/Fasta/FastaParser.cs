using System.Buffers;
using System.Text;

namespace Clss.Ingest.Formats.Fasta;

/// <summary>Cuts a stream into lines and the lines into records. Residues are copied as bytes, one block per line, and become a string once.</summary>
internal sealed class FastaParser : IDisposable
{
    private const int BufferSize = 1 << 18;

    // A header line is kept up to this many bytes; the longest in NCBI's nr have about 0.4 MB.
    private const int MaxHeader = 1 << 20;

    // A collection takes keys of up to 65,535 bytes of UTF-8, which this many characters never exceed.
    private const int MaxIdentifier = 65_535 / 3;

    // Text before the first '>' that is put up with. Past it, the file is something else.
    private const int MaxLeadingBytes = 1 << 16;

    private readonly Stream _stream;
    private readonly FastaReport _report;
    private readonly bool _throwOnBadRecord;
    private readonly string _source;
    private readonly ResidueBuffer _residues;
    private readonly ArrayBufferWriter<byte> _header = new(256);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _position;
    private int _length;
    private LineState _state = LineState.Start;
    private bool _skipLineFeed;
    private bool _inRecord;
    private bool _headerTooLong;
    private bool _ended;
    private bool _first = true;
    private byte _lastByte;
    private long _line = 1;
    private long _recordLine;
    private long _leadingBytes;
    private string? _leadingSample;

    public FastaParser(Stream stream, FastaOptions options, FastaReport? report, string source)
    {
        _stream = stream;
        _report = report ?? new FastaReport();
        _throwOnBadRecord = report is null;
        _source = source;
        _residues = new ResidueBuffer(options);
    }

    private enum LineState
    {
        Start,
        Header,
        Residues,
        Comment,
        LeadingText,
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The next record that can be taken, or null at the end.</summary>
    public FastaRecord? Next()
    {
        while (!_ended)
        {
            if (_position == _length && !Fill())
            {
                _ended = true;
                return FinishFile();
            }

            if (_state == LineState.Start && BeginLine() is { } record)
            {
                return record;
            }

            if (_state != LineState.Start)
            {
                ReadRestOfLine();
            }
        }

        return null;
    }

    /// <summary>Looks at the first byte of a line. Returns the record that a new header completes.</summary>
    private FastaRecord? BeginLine()
    {
        byte first = _buffer[_position];
        if (first == '\n' && _skipLineFeed)
        {
            _skipLineFeed = false;
            _position++;
            return null;
        }

        _skipLineFeed = false;
        if (first == '>')
        {
            FastaRecord? finished = _inRecord ? FinishRecord(atEnd: false) : null;
            _position++;
            _inRecord = true;
            _recordLine = _line;
            _header.ResetWrittenCount();
            _headerTooLong = false;
            _residues.Clear();
            _state = LineState.Header;
            return finished;
        }

        _state = first == ';' ? LineState.Comment : _inRecord ? LineState.Residues : LineState.LeadingText;
        if (_state == LineState.LeadingText && first is not ((byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t'))
        {
            _report.LeadingLines++;
        }

        return null;
    }

    private void ReadRestOfLine()
    {
        ReadOnlySpan<byte> window = _buffer.AsSpan(_position, _length - _position);
        int end = window.IndexOfAny((byte)'\n', (byte)'\r');
        ReadOnlySpan<byte> text = end < 0 ? window : window[..end];
        switch (_state)
        {
            case LineState.Header:
                AppendHeader(text);
                break;
            case LineState.Residues:
                _residues.Append(text, _line);
                break;
            case LineState.LeadingText:
                SkipLeadingText(text);
                break;
            default:
                break;
        }

        _position += text.Length;
        if (end >= 0)
        {
            _skipLineFeed = window[end] == '\r';
            _position++;
            _line++;
            _state = LineState.Start;
        }
    }

    private void AppendHeader(ReadOnlySpan<byte> text)
    {
        int room = MaxHeader - _header.WrittenCount;
        if (text.Length > room)
        {
            _headerTooLong = true;
            text = text[..room];
        }

        _header.Write(text);
    }

    private void SkipLeadingText(ReadOnlySpan<byte> text)
    {
        _leadingBytes += text.Length;
        if (_leadingSample is null && !text.Trim(" \t\v\f"u8).IsEmpty)
        {
            _leadingSample = Encoding.Latin1.GetString(text[..Math.Min(text.Length, 60)]);
        }

        if (_leadingBytes > MaxLeadingBytes)
        {
            Fail(NoHeaderMessage($"in the first {MaxLeadingBytes / 1024} KiB"), innerException: null);
        }
    }

    private bool Fill()
    {
        try
        {
            _position = 0;
            _length = 0;
            _length = _stream.Read(_buffer, 0, BufferSize);
            if (_first && _length > 0)
            {
                // A byte order mark can be split by a stream that gives single bytes.
                while (_length < 3 && _stream.Read(_buffer, _length, 3 - _length) is int more and > 0)
                {
                    _length += more;
                }

                _position = _buffer.AsSpan(0, _length).StartsWith("\uFEFF"u8) ? 3 : 0;
                _first = false;
                if (_position == _length)
                {
                    return Fill();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ClssIngestException or InvalidDataException or UnauthorizedAccessException)
        {
            Fail(exception.Message, exception);
            return false;
        }

        if (_length > 0)
        {
            _lastByte = _buffer[_length - 1];
        }

        return _length > 0;
    }

    /// <summary>Notes that the file cannot be read further; the record under way may be incomplete and is not taken.</summary>
    private void Fail(string message, Exception? innerException)
    {
        if (_throwOnBadRecord)
        {
            throw new ClssIngestException(message, innerException!);
        }

        _ended = true;
        _report.Failure = message;
        bool incomplete = _inRecord;
        _inRecord = false;
        _report.Reject(new RejectedRecord(
            _source,
            incomplete ? _recordLine : 0,
            incomplete ? FastaRecord.IdOf(DecodeHeader()) : "",
            incomplete || _report.Records > 0 ? RejectionReasons.BrokenFile : RejectionReasons.UnreadableFile,
            incomplete ? $"{message} This record may be incomplete; the {_report.Records:N0} records before it were read." : message));
    }

    private FastaRecord? FinishFile()
    {
        if (_inRecord)
        {
            _inRecord = false;
            return FinishRecord(atEnd: true);
        }

        if (_report.Failure is null && _recordLine == 0)
        {
            Fail(
                _leadingSample is null
                    ? $"{_source}: the file is empty. Expected FASTA records: a line '>name', then lines of residues."
                    : NoHeaderMessage("in the file"),
                innerException: null);
        }

        return null;
    }

    private string NoHeaderMessage(string where)
    {
        bool residues = _leadingSample!.Trim().All(char.IsAsciiLetter);
        return residues
            ? $"{_source}(1): no header: no line begins with '>' {where}. It looks like a bare sequence: put a line such as '>my_protein' before it."
            : $"{_source}(1): no FASTA: no line begins with '>' {where}. It begins with '{Printable(_leadingSample)}'.";
    }

    private FastaRecord? FinishRecord(bool atEnd)
    {
        string header = DecodeHeader();
        string id = FastaRecord.IdOf(header);
        if (atEnd && _lastByte == 0x1A)
        {
            _residues.ForgiveControlZ();
        }

        (string Reason, string Detail)? problem =
            _headerTooLong ? (RejectionReasons.BadHeader, $"the header is longer than {MaxHeader:N0} bytes")
            : header.Contains('\0') ? (RejectionReasons.BadHeader, "the header holds a NUL byte: the file is damaged or was written by a faulty tool")
            : id.Length > MaxIdentifier ? (RejectionReasons.BadHeader, $"the identifier is longer than {MaxIdentifier:N0} characters")
            : id.Length == 0 ? (RejectionReasons.NoIdentifier, "the header is only '>': a name must follow it")
            : _residues.Problem();
        if (problem is null)
        {
            _report.Records++;
            _residues.Count(_report);
            return new FastaRecord { Header = header, Sequence = _residues.Take(), Line = _recordLine, Source = _source };
        }

        var rejected = new RejectedRecord(_source, _recordLine, Printable(id.Length > MaxIdentifier ? id[..MaxIdentifier] : id), problem.Value.Reason, problem.Value.Detail);
        if (_throwOnBadRecord)
        {
            throw new ClssIngestException(rejected.ToString());
        }

        _report.Reject(rejected);
        return null;
    }

    // Headers are UTF-8; one that is not is taken as Latin-1, in which every byte means something.
    private string DecodeHeader()
    {
        ReadOnlySpan<byte> bytes = _header.WrittenSpan;
        string text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        return text.Trim(' ', '\t', '\r', '\u001A');
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}

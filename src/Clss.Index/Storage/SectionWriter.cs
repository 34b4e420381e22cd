using System.Runtime.InteropServices;

namespace Clss.Index.Storage;

/// <summary>Writes sections one after the other, buffered, each with its header and checksums.</summary>
internal sealed class SectionWriter
{
    private const int BufferBytes = 1 << 20;

    // Written out in steps: where a device has to take a whole large file at once, the flush of a commit that comes meanwhile waits behind it.
    private const long FlushBytes = 16 << 20;

    private readonly WritableFile _file;
    private readonly long _generation;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _buffered;
    private long _flushed;
    private long _onDevice;
    private long _sectionStart;
    private uint _checksum;
    private SectionHeader _header;

    public SectionWriter(WritableFile file, long generation, CancellationToken cancellation)
    {
        _file = file;
        _generation = generation;
        _cancellation = cancellation;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => _flushed + _buffered;

    /// <summary>Starts a section; its payload follows by <see cref="Write"/>, its end by <see cref="End"/>.</summary>
    public void Begin(SectionKind kind, ElementType elementType, long count, int item = 0, int dimension = 0)
    {
        FlushBuffer();
        _sectionStart = _flushed;
        _header = new SectionHeader { Kind = kind, ElementType = elementType, Count = count, Item = item, Dimension = dimension, Generation = _generation };
        _flushed += SectionHeader.Size;
        _checksum = 0;
    }

    /// <summary>Appends to the payload.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_buffered == BufferBytes)
            {
                FlushBuffer();
            }

            int taken = Math.Min(bytes.Length, BufferBytes - _buffered);
            bytes[..taken].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>Appends one little-endian number to the payload.</summary>
    public void Write<T>(T value)
        where T : unmanaged
    {
        Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    /// <summary>Appends a non-negative number in the width of the element type.</summary>
    public void WriteUnsigned(ElementType type, long value)
    {
        switch (type)
        {
            case ElementType.UInt8:
                Write((byte)value);
                break;
            case ElementType.UInt16:
                Write((ushort)value);
                break;
            case ElementType.UInt32:
                Write((uint)value);
                break;
            default:
                Write((ulong)value);
                break;
        }
    }

    /// <summary>Ends the section: pads to the alignment with zeros and writes the header.</summary>
    public void End()
    {
        FlushBuffer();
        long payload = _flushed - _sectionStart - SectionHeader.Size;
        Span<byte> bytes = stackalloc byte[SectionHeader.Size];
        int padding = (int)(-payload & (SectionHeader.Alignment - 1));
        if (padding > 0)
        {
            bytes.Clear();
            _file.Write(bytes[..padding], _flushed);
            _flushed += padding;
        }

        (_header with { PayloadLength = payload, PayloadChecksum = _checksum }).Write(bytes);
        _file.Write(bytes, _sectionStart);
    }

    private void FlushBuffer()
    {
        if (_buffered == 0)
        {
            return;
        }

        _cancellation.ThrowIfCancellationRequested();
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _buffered);
        _checksum = Crc32C.Append(_checksum, bytes);
        _file.Write(bytes, _flushed);
        _flushed += _buffered;
        _buffered = 0;
        if (_flushed - _onDevice >= FlushBytes)
        {
            _file.Flush();
            _onDevice = _flushed;
        }
    }
}

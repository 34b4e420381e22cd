namespace Clss.Ingest.Sources;

/// <summary>A stream whose first bytes can be looked at before they are read. A damaged start is reported when it is read, not when it is looked at.</summary>
internal sealed class HeadStream : ReadOnlyStream
{
    private readonly Stream _stream;
    private readonly byte[] _head;
    private readonly ClssIngestException? _failure;
    private int _position;

    public HeadStream(Stream stream, int length)
    {
        _stream = stream;
        byte[] head = new byte[length];
        int filled = 0;
        try
        {
            while (filled < length && stream.Read(head, filled, length - filled) is int read and > 0)
            {
                filled += read;
            }
        }
        catch (ClssIngestException exception)
        {
            _failure = exception;
        }

        _head = head[..filled];
    }

    public ReadOnlySpan<byte> Head => _head;

    public override int Read(Span<byte> buffer)
    {
        if (_position < _head.Length)
        {
            int count = Math.Min(buffer.Length, _head.Length - _position);
            _head.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        return _failure is null ? _stream.Read(buffer) : throw _failure;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}

namespace Clss.Ingest.Sources;

/// <summary>Turns whatever a file or a decompressor throws on bad data into the package's own exception, naming the source.</summary>
internal sealed class GuardedStream : ReadOnlyStream
{
    private readonly Stream _stream;
    private readonly string _source;
    private readonly string _layer;
    private long _delivered;

    public GuardedStream(Stream stream, string source, string layer)
    {
        _stream = stream;
        _source = source;
        _layer = layer;
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = _stream.Read(buffer);
            _delivered += read;
            return read;
        }
        catch (Exception exception) when (exception is not (ClssIngestException or OutOfMemoryException or ObjectDisposedException))
        {
            // Decompressors answer hostile data with every kind of exception (index out of range among them): all mean the same here.
            throw new ClssIngestException(
                _layer == "file"
                    ? $"{_source}: reading failed after {_delivered:N0} bytes: {exception.Message}"
                    : $"{_source}: the {_layer} data is damaged or cut off after {_delivered:N0} decompressed bytes ({exception.Message.TrimEnd('.')}). Fetch or copy the file again.",
                exception);
        }
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

using Clss.Ingest.Sources;

namespace Clss.Ingest.Archives;

/// <summary>Counts the bytes that are read from a stream, to bound what is made of them.</summary>
internal sealed class CountingStream : ReadOnlyStream
{
    private readonly Stream _stream;

    public CountingStream(Stream stream) => _stream = stream;

    public long BytesRead { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = _stream.Read(buffer);
        BytesRead += read;
        return read;
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

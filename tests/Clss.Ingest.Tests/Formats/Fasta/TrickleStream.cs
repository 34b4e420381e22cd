namespace Clss.Ingest.Tests.Formats.Fasta;

/// <summary>Gives at most so many bytes with each read, as a slow pipe does, and can break at an offset.</summary>
internal sealed class TrickleStream : MemoryStream
{
    private readonly int _chunk;
    private readonly long _breakAt;

    public TrickleStream(byte[] bytes, int chunk, long breakAt = long.MaxValue)
        : base(bytes)
    {
        _chunk = chunk;
        _breakAt = breakAt;
    }

    // MemoryStream.Read(Span) of a derived class comes here too.
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (Position >= _breakAt)
        {
            throw new IOException("the cable was pulled");
        }

        return base.Read(buffer, offset, (int)Math.Min(Math.Min(count, _chunk), _breakAt - Position));
    }
}

using Clss.Ingest.Sources;

namespace Clss.Ingest.Archives;

/// <summary>The bytes of one entry of a tar archive.</summary>
internal sealed class TarEntryStream : ReadOnlyStream
{
    private readonly Stream _archive;
    private readonly long _size;
    private readonly string _source;
    private long _position;

    public TarEntryStream(Stream archive, long size, string source)
    {
        _archive = archive;
        _size = size;
        _source = source;
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _size - _position);
        if (wanted == 0)
        {
            return 0;
        }

        int read = _archive.Read(buffer[..wanted]);
        if (read == 0)
        {
            throw new ClssIngestException($"{_source}: the tar archive ends after {_position:N0} of {_size:N0} bytes of an entry. It is cut off; fetch or copy it again.");
        }

        _position += read;
        return read;
    }

    /// <summary>Passes over what was not read, and over the padding to a whole block.</summary>
    public void SkipToEnd(int blockLength)
    {
        long rest = _size - _position;
        long padding = (blockLength - (_size % blockLength)) % blockLength;
        byte[] buffer = new byte[Math.Clamp(Math.Max(rest, padding), 1, 1 << 16)];
        while (rest > 0)
        {
            rest -= Read(buffer.AsSpan(0, (int)Math.Min(rest, buffer.Length)));
        }

        // The padding of the last entry may be missing.
        _archive.ReadAtLeast(buffer.AsSpan(0, (int)padding), (int)padding, throwOnEndOfStream: false);
    }
}

using ICSharpCode.SharpZipLib.BZip2;

namespace Clss.Ingest.Sources;

/// <summary>Reads bzip2 streams put end to end, as pbzip2 and <c>cat a.bz2 b.bz2</c> write them.</summary>
internal sealed class Bzip2MembersStream : ReadOnlyStream
{
    private readonly MemberSource _source;
    private BZip2InputStream? _member;

    public Bzip2MembersStream(Stream stream) => _source = new MemberSource(stream);

    public override int Read(Span<byte> buffer)
    {
        byte[] chunk = new byte[Math.Min(buffer.Length, 1 << 16)];
        while (chunk.Length > 0)
        {
            if (_member is null)
            {
                if (_source.AtEnd)
                {
                    return 0;
                }

                _member = new BZip2InputStream(_source) { IsStreamOwner = false };
            }

            int read = _member.Read(chunk, 0, chunk.Length);
            if (read > 0)
            {
                chunk.AsSpan(0, read).CopyTo(buffer);
                return read;
            }

            _member.Dispose();
            _member = null;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A buffer that BZip2InputStream reads byte by byte, so that it stops exactly behind a member.</summary>
    private sealed class MemberSource : ReadOnlyStream
    {
        private readonly Stream _stream;
        private readonly byte[] _buffer = new byte[1 << 16];
        private int _position;
        private int _length;

        public MemberSource(Stream stream) => _stream = stream;

        public bool AtEnd => _position == _length && !Fill();

        public override int ReadByte() => AtEnd ? -1 : _buffer[_position++];

        public override int Read(Span<byte> buffer)
        {
            if (AtEnd)
            {
                return 0;
            }

            int count = Math.Min(buffer.Length, _length - _position);
            _buffer.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
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

        private bool Fill()
        {
            _position = 0;
            _length = _stream.Read(_buffer);
            return _length > 0;
        }
    }
}

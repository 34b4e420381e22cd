using System.Text;

namespace Clss.Ingest.Formats.Tsv;

/// <summary>Lines of UTF-8 text with their numbers; a line of absurd length is an error instead of memory.</summary>
internal sealed class LineReader : IDisposable
{
    private const int MaxLineBytes = 1 << 24;

    private readonly Stream _stream;
    private readonly string _source;
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly MemoryStream _line = new();
    private int _position;
    private int _length;
    private bool _started;

    public LineReader(Stream stream, string source)
    {
        _stream = stream;
        _source = source;
    }

    /// <summary>The 1-based number of the line last returned.</summary>
    public long Line { get; private set; }

    public string? Next()
    {
        _line.SetLength(0);
        bool any = false;
        while (_position < _length || Fill())
        {
            any = true;
            ReadOnlySpan<byte> window = _buffer.AsSpan(_position, _length - _position);
            int end = window.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = end < 0 ? window : window[..end];
            if (_line.Length + text.Length > MaxLineBytes)
            {
                throw new ClssIngestException($"{_source}({Line + 1}): the line is longer than {MaxLineBytes:N0} bytes. Is this a tab-separated table?");
            }

            _line.Write(text);
            _position += text.Length + (end < 0 ? 0 : 1);
            if (end >= 0)
            {
                break;
            }
        }

        if (!any)
        {
            return null;
        }

        Line++;
        ReadOnlySpan<byte> bytes = _line.GetBuffer().AsSpan(0, (int)_line.Length);
        bytes = !_started && bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        _started = true;
        return Encoding.UTF8.GetString(bytes.TrimEnd((byte)'\r'));
    }

    public void Dispose() => _stream.Dispose();

    private bool Fill()
    {
        _position = 0;
        _length = 0;
        _length = _stream.Read(_buffer);
        return _length > 0;
    }
}

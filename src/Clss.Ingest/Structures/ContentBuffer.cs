using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Clss.Ingest.Sources;

namespace Clss.Ingest.Structures;

/// <summary>The whole plain content of one structure file, in rented memory. Sizes that a file claims or a decompressor gives are bounded by what was really read.</summary>
internal sealed class ContentBuffer : IDisposable
{
    private const int FirstSize = 1 << 16;
    private const int GzipMinLength = 18;

    private byte[] _bytes;
    private int _length;

    private ContentBuffer(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Reads a file or an archive entry to its end and undoes compression and UTF-16.</summary>
    /// <param name="raw">The bytes.</param>
    /// <param name="source">Names them in messages.</param>
    /// <param name="limit">How many bytes there may be, when they come out of a compressed archive.</param>
    public static ContentBuffer Load(Stream raw, string source, ReadLimit limit = default)
    {
        ContentBuffer content = ReadPlain(raw, source, limit);
        ReadOnlySpan<byte> bytes = content.Bytes;
        if (bytes.Length < 4 || !IsEncoded(bytes))
        {
            return content;
        }

        try
        {
            return (bytes[0] == 0x1F && bytes[1] == 0x8B ? InflateQuickly(content, source) : null) ?? DecodeCarefully(content, source);
        }
        finally
        {
            content.Dispose();
        }
    }

    /// <summary>Reads a stream of plain bytes to its end.</summary>
    public static ContentBuffer ReadPlain(Stream stream, string source, ReadLimit limit = default)
    {
        int hint = FirstSize;
        if (stream.CanSeek)
        {
            long rest = stream.Length - stream.Position;
            hint = rest < Array.MaxLength ? (int)rest + 1 : throw TooLarge(source);
        }

        return ReadAll(new GuardedStream(stream, source, "file"), hint, limit, source);
    }

    /// <summary>The first bytes of a file behind its compression, to tell an archive; the stream is put back to its start.</summary>
    public static byte[] Peek(Stream seekable, string source)
    {
        byte[] head = new byte[1 << 15];
        int length = new GuardedStream(seekable, source, "file").ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        seekable.Position = 0;
        if (length < 4 || !IsEncoded(head))
        {
            return head[..length];
        }

        // Not disposed: that would close nothing but memory. What is cut off by the peek itself is no error.
        Stream decoded = InputStream.Decode(new MemoryStream(head, 0, length), source);
        return InputStream.HeadOf(decoded).ToArray();
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            _length = 0;
        }
    }

    // gzip, zstd and its skippable frames, bzip2, and the byte order marks of UTF-16 and UTF-32.
    private static bool IsEncoded(ReadOnlySpan<byte> bytes) =>
        (bytes[0] == 0x1F && bytes[1] == 0x8B) || (bytes[0] == 0x28 && bytes[1] == 0xB5) || (bytes[1] == 0x2A && bytes[2] == 0x4D && bytes[3] == 0x18)
        || bytes.StartsWith("BZh"u8) || (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF);

    /// <summary>
    /// Inflates with the platform's zlib. It takes data that is cut off for data that has ended, and passes over what follows it: the length
    /// in the trailer must fit what was inflated, or null sends the data down the careful way.
    /// </summary>
    private static ContentBuffer? InflateQuickly(ContentBuffer compressed, string source)
    {
        if (compressed._length < GzipMinLength)
        {
            return null;
        }

        uint claimed = BinaryPrimitives.ReadUInt32LittleEndian(compressed.Bytes[^4..]);
        ReadLimit limit = ReadLimit.ForCompressed(compressed._length);
        int hint = claimed < limit.Bytes ? (int)claimed + 1 : FirstSize;
        ContentBuffer content;
        try
        {
            using var inflater = new GZipStream(new MemoryStream(compressed._bytes, 0, compressed._length), CompressionMode.Decompress);
            content = ReadAll(inflater, hint, limit, source);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = content.Bytes;
        if ((uint)bytes.Length == claimed && (bytes.Length < 4 || !IsEncoded(bytes)))
        {
            return content;
        }

        content.Dispose();
        return null;
    }

    private static ContentBuffer DecodeCarefully(ContentBuffer encoded, string source)
    {
        using Stream decoded = InputStream.Decode(new MemoryStream(encoded._bytes, 0, encoded._length), source);
        return ReadAll(decoded, FirstSize, ReadLimit.ForCompressed(encoded._length), source);
    }

    private static ContentBuffer ReadAll(Stream stream, int hint, ReadLimit limit, string source)
    {
        var content = new ContentBuffer(ArrayPool<byte>.Shared.Rent(hint));
        try
        {
            while (true)
            {
                if (content._length == content._bytes.Length)
                {
                    content.Grow(limit, source);
                }

                int read = stream.Read(content._bytes, content._length, content._bytes.Length - content._length);
                if (read == 0)
                {
                    return content._length <= limit.Bytes ? content : throw TooLarge(source);
                }

                content._length += read;
            }
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private static StructureFormatException TooLarge(string source) =>
        new($"{source}: it unpacks to more than a structure of its size can hold (over {ReadLimit.MaxRatio} times its size, or 2 GiB). It may be damaged or made to exhaust memory.");

    private void Grow(ReadLimit limit, string source)
    {
        if (_length >= limit.Bytes)
        {
            throw TooLarge(source);
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(_length * 2L, FirstSize)));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

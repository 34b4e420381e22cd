using System.IO.Compression;
using System.Text;

namespace Clss.Ingest.Sources;

/// <summary>Opens files and streams as plain UTF-8 bytes: compression and text encoding are told by content, never by name.</summary>
public static class InputStream
{
    // Enough for the signature of a tar archive, which is at byte 257 of its first block.
    internal const int HeadLength = 1024;

    /// <summary>Opens a file, undoing gzip, zstd or bzip2 and UTF-16.</summary>
    /// <exception cref="ClssIngestException">The file is missing or cannot be read.</exception>
    public static Stream Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Stream file = OpenFile(path);
        try
        {
            return Decode(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Undoes compression and UTF-16 of a stream. A read of the result throws <see cref="ClssIngestException"/>, naming the
    /// source, when the data is damaged or cut off. Disposing the result disposes <paramref name="stream"/>.
    /// </summary>
    public static Stream Decode(Stream stream, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var raw = new HeadStream(new GuardedStream(stream, source, "file"), HeadLength);
        (string? name, Stream plain) = Decompress(raw, source);
        if (name is null)
        {
            return DecodeText(raw);
        }

        var head = new HeadStream(new GuardedStream(plain, source, name), HeadLength);
        if (CompressionOf(head.Head) is { } second)
        {
            head.Dispose();
            throw new ClssIngestException($"{source}: compressed twice ({second} inside {name}). Decompress it once and try again.");
        }

        return DecodeText(head);
    }

    /// <summary>The first decoded bytes of a stream opened by this class, without reading past them.</summary>
    internal static ReadOnlySpan<byte> HeadOf(Stream decoded) => decoded is HeadStream head ? head.Head : [];

    internal static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ClssIngestException($"{path}: no such file or folder.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ClssIngestException($"{path}: cannot be opened: {exception.Message}", exception);
        }
    }

    private static string? CompressionOf(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) ? "gzip"
        : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || IsSkippableZstdFrame(head) ? "zstd"
        : head.StartsWith("BZh"u8) && head.Length > 9 && head[3] is >= (byte)'1' and <= (byte)'9' && IsBzip2Block(head[4..]) ? "bzip2"
        : null;

    // pzstd and seekable zstd files begin with a frame to skip: RFC 8878, section 3.1.2.
    private static bool IsSkippableZstdFrame(ReadOnlySpan<byte> head) =>
        head.Length >= 8 && (head[0] & 0xF0) == 0x50 && head[1] == 0x2A && head[2] == 0x4D && head[3] == 0x18;

    // A block begins with the digits of pi, an empty file's end mark with those of its square root.
    private static bool IsBzip2Block(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0x31, 0x41, 0x59, 0x26, 0x53]) || bytes.StartsWith((ReadOnlySpan<byte>)[0x17, 0x72, 0x45, 0x38, 0x50]);

    private static (string? Name, Stream Plain) Decompress(HeadStream raw, string source)
    {
        string? name = CompressionOf(raw.Head);
        return name switch
        {
            "gzip" => (name, new GzipMembersStream(raw, source)),
            "zstd" => (name, new ZstdSharp.DecompressionStream(raw, bufferSize: 1 << 16, checkEndOfStream: true, leaveOpen: false)),
            "bzip2" => (name, new Bzip2MembersStream(raw)),
            _ => (null, raw),
        };
    }

    private static HeadStream DecodeText(HeadStream stream)
    {
        ReadOnlySpan<byte> head = stream.Head;
        Encoding? encoding =
            head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0x00, 0x00]) ? Encoding.UTF32
            : head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[(byte)'>', 0x00]) ? Encoding.Unicode
            : head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || head.StartsWith((ReadOnlySpan<byte>)[0x00, (byte)'>']) ? Encoding.BigEndianUnicode
            : null;
        return encoding is null
            ? stream
            : new HeadStream(Encoding.CreateTranscodingStream(stream, encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)), HeadLength);
    }
}

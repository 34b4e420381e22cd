using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Clss.Index.Storage;

/// <summary>
/// The file MANIFEST: which generation is the current one. One line of JSON, then a line with the CRC-32C of the first,
/// replaced as a whole by renaming <c>MANIFEST.new</c> over it.
/// </summary>
/// <param name="Generation">The number of the generation.</param>
/// <param name="RowsFile">The file of the generation's sections.</param>
/// <param name="RowsBytes">That file's length.</param>
/// <param name="LogFile">The log of changes since.</param>
internal sealed record Manifest(long Generation, string RowsFile, long RowsBytes, string LogFile)
{
    public const string FileName = "MANIFEST";
    public const string TemporaryName = "MANIFEST.new";

    private const string Format = "clss-collection";
    private const int MaximumBytes = 1 << 16;

    public static string RowsName(long generation) => $"rows-{generation:d8}.clss";

    public static string LogName(long generation) => $"log-{generation:d8}.clss";

    /// <summary>The bytes of the file.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("format", Format);
            writer.WriteNumber("major", FormatVersion.Major);
            writer.WriteNumber("minor", FormatVersion.Minor);
            writer.WriteNumber("generation", Generation);
            writer.WriteString("rows", RowsFile);
            writer.WriteNumber("rowsBytes", RowsBytes);
            writer.WriteString("log", LogFile);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        buffer.Write(ChecksumLine(buffer.WrittenSpan));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the manifest of a collection's folder.</summary>
    public static Manifest Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        byte[] bytes = ReadBytes(path);
        int end = bytes.AsSpan().IndexOf((byte)'\n');
        if (end < 0 || !bytes.AsSpan(end + 1).SequenceEqual(ChecksumLine(bytes.AsSpan(0, end + 1))))
        {
            throw new CorruptCollectionException(path, "checksum", "The checksum line does not match the line before it.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(0, end));
            return Parse(path, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CorruptCollectionException(path, "content", $"A field is missing or of the wrong type ({e.Message})");
        }
    }

    private static Manifest Parse(string path, JsonElement root)
    {
        if (root.GetProperty("format").GetString() != Format)
        {
            throw new CorruptCollectionException(path, "format", $"Expected \"{Format}\".");
        }

        int major = root.GetProperty("major").GetInt32();
        if (major != FormatVersion.Major)
        {
            throw new CollectionVersionException(path, major, root.GetProperty("minor").GetInt32(), FormatVersion.Major);
        }

        var manifest = new Manifest(
            root.GetProperty("generation").GetInt64(),
            root.GetProperty("rows").GetString() ?? "",
            root.GetProperty("rowsBytes").GetInt64(),
            root.GetProperty("log").GetString() ?? "");
        bool valid = manifest.Generation > 0 && manifest.RowsBytes > 0
            && manifest.RowsFile == RowsName(manifest.Generation) && manifest.LogFile == LogName(manifest.Generation);
        return valid ? manifest : throw new CorruptCollectionException(path, "content", "Generation, file names and length do not belong together.");
    }

    private static byte[] ReadBytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        var bytes = new byte[MaximumBytes + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaximumBytes ? bytes[..length] : throw new CorruptCollectionException(path, "length", $"Expected at most {MaximumBytes} bytes.");
    }

    private static byte[] ChecksumLine(ReadOnlySpan<byte> firstLine) => Encoding.ASCII.GetBytes($"crc32c {Crc32C.Compute(firstLine):x8}\n");
}

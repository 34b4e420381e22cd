using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Clss.Index.Storage;

/// <summary>
/// Identifies the committed content of a collection without reading all of it: a SHA-256 over the section headers of its rows file, which
/// hold the checksum of every payload, and over the records of its log. The number of the generation does not count.
/// It tells databases apart; damage is found by <see cref="CollectionVerifier"/>.
/// </summary>
internal static class CollectionHash
{
    private const int BufferBytes = 1 << 16;

    public static string Compute(string directory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Manifest manifest = Manifest.Read(directory);
        AppendRows(hash, Path.Combine(directory, manifest.RowsFile), manifest);
        AppendLog(hash, Path.Combine(directory, manifest.LogFile), manifest.Generation);
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendRows(IncrementalHash hash, string path, Manifest manifest)
    {
        using SectionFile file = SectionFile.Open(path, manifest.RowsBytes, manifest.Generation);
        Span<byte> header = stackalloc byte[SectionHeader.Size];
        foreach (Section section in file.Sections.OrderBy(section => section.Header.Kind).ThenBy(section => section.Header.Item))
        {
            (section.Header with { Generation = 0 }).Write(header);
            WriteAsFirstMinor(header);
            hash.AppendData(header);
        }
    }

    /// <summary>The minor version does not count either: it is that of the program, and a collection keeps its hash when the program gets newer.</summary>
    private static void WriteAsFirstMinor(Span<byte> header)
    {
        header[SectionHeader.MinorOffset..(SectionHeader.MinorOffset + sizeof(ushort))].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[SectionHeader.ChecksumOffset..], Crc32C.Compute(header[..SectionHeader.ChecksumOffset]));
    }

    private static void AppendLog(IncrementalHash hash, string path, long generation)
    {
        using LogReader log = LogReader.Open(path, generation);
        long end = log.Marks.Max(mark => mark?.Length ?? LogReader.RecordsStart);
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        stream.Position = LogReader.RecordsStart;
        byte[] buffer = new byte[BufferBytes];
        long left = end - LogReader.RecordsStart;
        while (left > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw new CorruptCollectionException(path, "log", $"The log ends before its committed length of {end} bytes.");
            }

            hash.AppendData(buffer, 0, read);
            left -= read;
        }
    }
}

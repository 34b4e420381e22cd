using System.Buffers.Binary;
using System.Text;

namespace Clss.Embedder.Weights.Torch;

/// <summary>
/// The central directory of a zip file (APPNOTE 6.3.10), zip64 included. The runtime's own reader checks no CRC,
/// gives no offset of stored entries, and throws several kinds of exceptions on damaged files.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint End64LocatorSignature = 0x07064B50;
    private const uint EntrySignature = 0x02014B50;
    private const int EndBytes = 22;
    private const int End64Bytes = 56;
    private const int End64LocatorBytes = 20;
    private const int EntryBytes = 46;
    private const int MaxCommentBytes = ushort.MaxValue;
    private const ushort Zip64Field = 1;
    private const ushort EncryptedFlag = 1;

    /// <summary>A name and its fields take about 100 bytes; a checkpoint of ESM-2's largest size has about 3,000 entries.</summary>
    private const long MaxDirectoryBytes = 1 << 25;

    /// <summary>Deflate cannot shrink data by more than 1032:1, so a larger claim is a lie.</summary>
    private const long MaxRatio = 1032;

    public static Dictionary<string, ZipEntry> Read(ByteSource source)
    {
        (long offset, long length, long count) = FindDirectory(source);
        if (length > MaxDirectoryBytes || count > length / EntryBytes)
        {
            throw Damaged(source, $"its directory claims {count} entries in {length} bytes");
        }

        if (offset < 0 || offset > source.Length - length)
        {
            throw Damaged(source, $"its directory of {length} bytes should begin at offset {offset} of {source.Length}");
        }

        var bytes = new byte[(int)length];
        source.Read(offset, bytes);
        var entries = new Dictionary<string, ZipEntry>((int)count, StringComparer.Ordinal);
        ReadOnlySpan<byte> rest = bytes;
        for (long i = 0; i < count; i++)
        {
            ZipEntry entry = ReadEntry(source, ref rest, offset);
            if (!entries.TryAdd(entry.Name, entry))
            {
                throw Damaged(source, $"entry '{entry.Name}' is listed twice");
            }
        }

        return entries;
    }

    private static (long Offset, long Length, long Count) FindDirectory(ByteSource source)
    {
        int tailLength = (int)Math.Min(source.Length, EndBytes + MaxCommentBytes);
        var tail = new byte[tailLength];
        long tailStart = source.Length - tailLength;
        source.Read(tailStart, tail);
        for (int i = tailLength - EndBytes; i >= 0; i--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(i);
            if (UInt32(end, 0) == EndSignature && EndBytes + UInt16(end, 20) == end.Length)
            {
                return ReadEnd(source, end, tailStart + i);
            }
        }

        throw Damaged(source, "it begins like a zip file but has no directory at its end: it is cut off. Download or copy it again");
    }

    private static (long Offset, long Length, long Count) ReadEnd(ByteSource source, ReadOnlySpan<byte> end, long endOffset)
    {
        (long offset, long length, long count) = (UInt32(end, 16), UInt32(end, 12), UInt16(end, 10));
        if (UInt16(end, 4) != 0 && UInt16(end, 4) != ushort.MaxValue)
        {
            throw Damaged(source, "it is part of a zip file in several volumes");
        }

        if (offset != uint.MaxValue && length != uint.MaxValue && count != ushort.MaxValue)
        {
            return (offset, length, count);
        }

        long locatorOffset = endOffset - End64LocatorBytes;
        if (locatorOffset < 0)
        {
            throw Damaged(source, "its zip64 directory is absent");
        }

        Span<byte> locator = stackalloc byte[End64LocatorBytes];
        source.Read(locatorOffset, locator);
        if (UInt32(locator, 0) != End64LocatorSignature)
        {
            return (offset, length, count);
        }

        ulong end64Offset = UInt64(locator, 8);
        if (end64Offset > (ulong)source.Length)
        {
            throw Damaged(source, $"its zip64 directory should end at offset {end64Offset} of {source.Length}");
        }

        Span<byte> end64 = stackalloc byte[End64Bytes];
        source.Read((long)end64Offset, end64);
        (ulong offset64, ulong length64, ulong count64) = (UInt64(end64, 48), UInt64(end64, 40), UInt64(end64, 32));
        return UInt32(end64, 0) == End64Signature && offset64 <= (ulong)source.Length && length64 <= (ulong)source.Length && count64 <= (ulong)source.Length
            ? ((long)offset64, (long)length64, (long)count64)
            : throw Damaged(source, $"its zip64 directory claims {count64} entries in {length64} bytes at offset {offset64} of {source.Length}");
    }

    private static ZipEntry ReadEntry(ByteSource source, ref ReadOnlySpan<byte> rest, long directoryOffset)
    {
        if (rest.Length < EntryBytes || UInt32(rest, 0) != EntrySignature)
        {
            throw Damaged(source, "its directory holds something that is no entry");
        }

        int nameLength = UInt16(rest, 28);
        int extraLength = UInt16(rest, 30);
        int entryLength = EntryBytes + nameLength + extraLength + UInt16(rest, 32);
        if (entryLength > rest.Length)
        {
            throw Damaged(source, "an entry of its directory is cut off");
        }

        ReadOnlySpan<byte> entry = rest[..entryLength];
        rest = rest[entryLength..];
        string name = Encoding.UTF8.GetString(entry.Slice(EntryBytes, nameLength));
        (long bytes, long stored, long header) = ReadSizes(source, name, entry, entry.Slice(EntryBytes + nameLength, extraLength));
        int method = UInt16(entry, 10);
        if ((UInt16(entry, 8) & EncryptedFlag) != 0 || method is not (0 or 8))
        {
            throw Damaged(source, $"entry '{name}' is encrypted or compressed by method {method}; torch stores entries as they are");
        }

        bool deflated = method == 8;
        if (deflated ? bytes / MaxRatio > stored : bytes != stored)
        {
            throw Damaged(source, $"entry '{name}' claims {bytes} bytes from {stored} in the file");
        }

        return header <= directoryOffset && stored <= directoryOffset - header
            ? new ZipEntry(name, deflated, UInt32(entry, 16), stored, bytes, header)
            : throw Damaged(source, $"entry '{name}' of {stored} bytes should begin at offset {header}, and the directory begins at {directoryOffset}");
    }

    private static (long Bytes, long Stored, long Header) ReadSizes(ByteSource source, string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra)
    {
        (ulong bytes, ulong stored, ulong header) = (UInt32(entry, 24), UInt32(entry, 20), UInt32(entry, 42));
        ReadOnlySpan<byte> wide = FindZip64(extra);
        bytes = Widen(source, name, bytes, ref wide);
        stored = Widen(source, name, stored, ref wide);
        header = Widen(source, name, header, ref wide);
        ulong fileLength = (ulong)source.Length;
        return bytes <= long.MaxValue && stored <= fileLength && header <= fileLength
            ? ((long)bytes, (long)stored, (long)header)
            : throw Damaged(source, $"entry '{name}' claims {stored} bytes at offset {header} of {fileLength}");
    }

    /// <summary>A size of all ones is found in the zip64 field instead.</summary>
    private static ulong Widen(ByteSource source, string name, ulong value, ref ReadOnlySpan<byte> wide)
    {
        if (value != uint.MaxValue)
        {
            return value;
        }

        if (wide.Length < sizeof(ulong))
        {
            throw Damaged(source, $"entry '{name}' lacks its zip64 sizes");
        }

        value = UInt64(wide, 0);
        wide = wide[sizeof(ulong)..];
        return value;
    }

    private static ReadOnlySpan<byte> FindZip64(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = UInt16(extra, 2);
            if (length > extra.Length - 4)
            {
                break;
            }

            if (UInt16(extra, 0) == Zip64Field)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static WeightFormatException Damaged(ByteSource source, string what) => new($"{source.Name}: the zip file is damaged or of another kind: {what}.");
}

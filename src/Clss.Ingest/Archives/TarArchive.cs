using System.Text;

namespace Clss.Ingest.Archives;

/// <summary>
/// Reads the files of a tar archive as a stream (POSIX.1-2001 ustar and pax, GNU long names and base-256 sizes). Links, devices and folders are passed over. The next
/// entry begins where the one before ends, so entries are read in order and not kept.
/// </summary>
internal static class TarArchive
{
    private const int BlockLength = 512;
    private const int ChecksumStart = 148;
    private const int ChecksumLength = 8;

    // Names longer than that are attacks.
    private const int MaxExtendedHeader = 1 << 16;

    /// <summary>Whether the bytes begin a tar archive: by its magic number or, in archives older than that, by the checksum of the first header.</summary>
    public static bool IsTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < BlockLength || head[0] == 0)
        {
            return false;
        }

        if (head[257..].StartsWith("ustar"u8))
        {
            return true;
        }

        ReadOnlySpan<byte> field = head.Slice(ChecksumStart, ChecksumLength).Trim(" \0"u8);
        return !field.IsEmpty && !field.ContainsAnyExceptInRange((byte)'0', (byte)'7') && ParseNumber(field, "") == SumOf(head);
    }

    public static IEnumerable<ArchiveEntry> Read(Stream stream, string source, bool isCompressed)
    {
        byte[] header = new byte[BlockLength];
        string? longName = null;
        while (ReadHeader(stream, header, source))
        {
            // Links, devices and folders ('1' to '6') have no content, whatever size is written.
            long size = header[156] is >= (byte)'1' and <= (byte)'6' ? 0 : ParseNumber(header.AsSpan(124, 12), source);
            var content = new TarEntryStream(stream, size, source);
            switch ((char)header[156])
            {
                case 'x':
                    longName = FindPaxPath(ReadExtended(content, size, source)) ?? longName;
                    break;
                case 'L':
                    longName = Text(ReadExtended(content, size, source));
                    break;
                case '0' or '\0' or '7':
                    yield return new ArchiveEntry(ArchiveEntry.CleanName(longName ?? ShortName(header)), content, isCompressed ? -1 : size);
                    longName = null;
                    break;
                case 'g' or 'K':
                    break;
                default:
                    longName = null;
                    break;
            }

            content.SkipToEnd(BlockLength);
        }
    }

    private static bool ReadHeader(Stream stream, byte[] header, string source)
    {
        int length = stream.ReadAtLeast(header, BlockLength, throwOnEndOfStream: false);
        if (length == 0 || (length == BlockLength && !header.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }

        if (length < BlockLength)
        {
            throw new ClssIngestException($"{source}: the tar archive ends inside a header. It is cut off; fetch or copy it again.");
        }

        return SumOf(header) == ParseNumber(header.AsSpan(ChecksumStart, ChecksumLength), source)
            ? true
            : throw new ClssIngestException($"{source}: a header of the tar archive is damaged (its checksum does not fit). Fetch or copy it again.");
    }

    // The checksum counts its own field as blanks.
    private static long SumOf(ReadOnlySpan<byte> header)
    {
        long sum = ChecksumLength * ' ';
        for (int i = 0; i < BlockLength; i++)
        {
            sum += i is >= ChecksumStart and < ChecksumStart + ChecksumLength ? 0 : header[i];
        }

        return sum;
    }

    private static long ParseNumber(ReadOnlySpan<byte> field, string source)
    {
        long value = 0;
        if ((field[0] & 0x80) != 0)
        {
            // GNU: base 256, big-endian, the first bit set. Negative and larger sizes are damage.
            foreach (byte part in field[1..])
            {
                value = value < 1L << 48 ? (value << 8) | part : throw Damaged(source);
            }

            return value;
        }

        foreach (byte digit in field.Trim(" \0"u8))
        {
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value * 8) + (digit - '0') : throw Damaged(source);
        }

        return value;
    }

    private static ClssIngestException Damaged(string source) => new($"{source}: a header of the tar archive holds no number where one must be. It is damaged; fetch or copy it again.");

    private static byte[] ReadExtended(TarEntryStream content, long size, string source)
    {
        if (size > MaxExtendedHeader)
        {
            throw new ClssIngestException($"{source}: an extended header of the tar archive has {size:N0} bytes, more than {MaxExtendedHeader:N0}. It is damaged.");
        }

        byte[] bytes = new byte[size];
        content.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>pax records are "LENGTH KEY=VALUE\n".</summary>
    private static string? FindPaxPath(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            int blank = records.IndexOf((byte)' ');
            if (blank <= 0 || !System.Buffers.Text.Utf8Parser.TryParse(records[..blank], out int length, out int consumed) || consumed != blank || length <= blank + 1 || length > records.Length)
            {
                return null;
            }

            ReadOnlySpan<byte> record = records[(blank + 1)..length].TrimEnd((byte)'\n');
            if (record.StartsWith("path="u8))
            {
                return Text(record[5..]);
            }

            records = records[length..];
        }

        return null;
    }

    private static string ShortName(byte[] header)
    {
        string name = Text(header.AsSpan(0, 100));
        string prefix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) ? Text(header.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}

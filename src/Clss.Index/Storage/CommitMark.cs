using System.Buffers.Binary;

namespace Clss.Index.Storage;

/// <summary>
/// How far the log was durable at a commit. Two marks follow the log's header and are written in turn, after the records they cover have been
/// flushed, so that one of them is whole whenever the other is being written. Records before the mark were acknowledged: if they cannot be
/// read, the log is damaged. Records after it are those of a commit that was cut off.
/// </summary>
internal readonly record struct CommitMark(long Number, long Length)
{
    public const int Size = 64;
    public const int Marks = 2;

    private const int ChecksumOffset = Size - sizeof(uint);

    /// <summary>Where mark [index] lies in the file.</summary>
    public static long Offset(int index) => SectionHeader.Size + (index * (long)Size);

    /// <summary>The mark that a commit is written to; they take turns.</summary>
    public static int Slot(long number) => (int)((ulong)number % Marks);

    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], Crc32C.Compute(bytes[..ChecksumOffset]));
    }

    /// <summary>Reads a mark; null where its checksum does not match.</summary>
    public static CommitMark? Read(ReadOnlySpan<byte> bytes)
    {
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        return stored == Crc32C.Compute(bytes[..ChecksumOffset])
            ? new CommitMark(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]))
            : null;
    }
}

using System.Buffers.Binary;

namespace Clss.Index.Storage;

/// <summary>The 64 bytes before every binary section, little-endian; see docs/formats/collection-v1.md.</summary>
internal readonly record struct SectionHeader
{
    public const int Size = 64;

    /// <summary>Sections begin at multiples of this many bytes, so that payloads lie on cache lines.</summary>
    public const int Alignment = 64;

    /// <summary>The metric of the vectors: cosine of unit vectors. Sections without vectors carry it too.</summary>
    public const ushort CosineMetric = 1;

    /// <summary>Where the minor version lies.</summary>
    public const int MinorOffset = 10;

    /// <summary>Where the header's checksum lies.</summary>
    public const int ChecksumOffset = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "CLSSSECT"u8;

    public SectionKind Kind { get; init; }

    public ElementType ElementType { get; init; }

    /// <summary>The column or the partition that the section belongs to, from 0; 0 for sections of neither.</summary>
    public int Item { get; init; }

    public int Dimension { get; init; }

    /// <summary>Elements, in the sense of the section's kind.</summary>
    public long Count { get; init; }

    public long PayloadLength { get; init; }

    public uint PayloadChecksum { get; init; }

    public long Generation { get; init; }

    /// <summary>The name used in reports: the kind, with the number of the column or partition where there is one.</summary>
    public string Name => Kind switch
    {
        >= SectionKind.Presence and <= SectionKind.ListCodes => $"section {Kind} of column {Item}",
        (>= SectionKind.CellRows and <= SectionKind.RecallMargins) or SectionKind.HnswGraph => $"section {Kind} of partition {Item}",
        _ => $"section {Kind}",
    };

    public void Write(Span<byte> bytes)
    {
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], FormatVersion.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[MinorOffset..], FormatVersion.Minor);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], Size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], (ushort)Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], (ushort)ElementType);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[18..], CosineMetric);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[20..], (uint)Dimension);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], PayloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[40..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[44..], (uint)Item);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], Generation);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumOffset..], Crc32C.Compute(bytes[..ChecksumOffset]));
    }

    /// <summary>Reads and checks a header. Throws <see cref="CorruptCollectionException"/> or <see cref="CollectionVersionException"/>.</summary>
    public static SectionHeader Read(ReadOnlySpan<byte> bytes, string file, long offset)
    {
        string place = $"section header at byte {offset}";
        if (bytes.Length < Size)
        {
            throw new CorruptCollectionException(file, place, $"Expected {Size} bytes, found {bytes.Length}.");
        }

        if (!bytes[..Magic.Length].SequenceEqual(Magic))
        {
            throw new CorruptCollectionException(file, place, "Expected the magic bytes CLSSSECT.");
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]);
        uint computed = Crc32C.Compute(bytes[..ChecksumOffset]);
        if (stored != computed)
        {
            throw new CorruptCollectionException(file, place, $"Expected the header checksum {stored:x8}, found {computed:x8}.");
        }

        int major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major != FormatVersion.Major)
        {
            throw new CollectionVersionException(file, major, BinaryPrimitives.ReadUInt16LittleEndian(bytes[MinorOffset..]), FormatVersion.Major);
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]);
        int metric = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        uint dimension = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        uint item = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]);
        var header = new SectionHeader
        {
            Kind = (SectionKind)BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]),
            ElementType = (ElementType)BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]),
            Dimension = (int)Math.Min(dimension, int.MaxValue),
            Count = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            PayloadLength = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            PayloadChecksum = BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]),
            Item = (int)Math.Min(item, int.MaxValue),
            Generation = BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
        };
        if (length != Size || metric != CosineMetric || dimension > int.MaxValue || item > int.MaxValue || header.Count < 0 || header.PayloadLength < 0)
        {
            throw new CorruptCollectionException(
                file,
                place,
                $"A field is out of range (header length {length}, metric {metric}, dimension {dimension}, item {item}, count {header.Count}, payload {header.PayloadLength} bytes).");
        }

        return header;
    }
}

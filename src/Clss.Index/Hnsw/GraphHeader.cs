using System.Buffers.Binary;
using Clss.Index.Storage;

namespace Clss.Index.Hnsw;

/// <summary>
/// The first 576 bytes of a stored graph, little-endian: magic, version, parameters, and a table of the 16 possible levels. Codes and the arrays of the
/// levels follow in a fixed order, each at a multiple of 64 bytes; the table states their places, and a reader accepts no others.
/// </summary>
internal static class GraphHeader
{
    public const int Size = LevelTable + (HnswGraph.MaximumLevels * LevelEntry);
    public const int Alignment = 64;

    private const ushort Major = 1;
    private const int LevelTable = 64;
    private const int LevelEntry = 32;
    private const int Checksum = 60;

    private static ReadOnlySpan<byte> Magic => "CLSSHNSW"u8;

    /// <summary>Where the parts of a graph lie, computed from its counts alone.</summary>
    public static long Place(HnswGraph graph, Span<LevelPlace> levels, out long codes)
    {
        codes = Size;
        long end = codes + Padded(checked((long)graph.Count * graph.CodeStride));
        for (int i = 0; i < graph.LevelCount; i++)
        {
            GraphLevel level = graph.Levels[i];
            long upper = i == 0 ? 0 : Padded((long)level.Count * sizeof(int));
            long links = end;
            long rows = links + Padded(checked((long)level.Count * level.Degree * sizeof(int)));
            levels[i] = new LevelPlace(links, rows, rows + upper);
            end = rows + (2 * upper);
        }

        return end;
    }

    public static long Padded(long bytes) => (bytes + Alignment - 1) & -Alignment;

    public static void Write(HnswGraph graph, Span<byte> bytes)
    {
        Span<LevelPlace> places = stackalloc LevelPlace[HnswGraph.MaximumLevels];
        Place(graph, places, out _);
        bytes[..Size].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Major);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], Size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], graph.Parameters.M);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[20..], graph.Parameters.EfConstruction);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], graph.Parameters.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], graph.VectorStride);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], graph.CodeStride);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[40..], graph.CodeScale);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[44..], graph.Entry);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[48..], graph.LevelCount);
        for (int i = 0; i < graph.LevelCount; i++)
        {
            Span<byte> entry = bytes.Slice(LevelTable + (i * LevelEntry), LevelEntry);
            BinaryPrimitives.WriteInt64LittleEndian(entry, graph.Levels[i].Count);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], places[i].Links);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], places[i].Rows);
            BinaryPrimitives.WriteInt64LittleEndian(entry[24..], places[i].Down);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[Checksum..], ComputeChecksum(bytes));
    }

    /// <summary>Reads and checks a header for a payload of this length over rows of this number and stride; the levels have counts, no pointers yet.</summary>
    public static HnswGraph Read(ReadOnlySpan<byte> bytes, long length, int rows, int vectorStride, string file, string section)
    {
        if (bytes.Length < Size || !bytes[..Magic.Length].SequenceEqual(Magic))
        {
            throw new CorruptCollectionException(file, section, $"Expected a graph of at least {Size} bytes that begins with CLSSHNSW.");
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes[Checksum..]);
        if (stored != ComputeChecksum(bytes))
        {
            throw new CorruptCollectionException(file, section, $"Expected the header checksum {stored:x8}, found {ComputeChecksum(bytes):x8}.");
        }

        int major = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (major != Major)
        {
            throw new CollectionVersionException(file, major, BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]), Major);
        }

        HnswGraph graph = ReadParameters(bytes, file, section);
        ReadLevels(bytes, graph);
        Span<LevelPlace> places = stackalloc LevelPlace[HnswGraph.MaximumLevels];
        if (graph.Count != rows || graph.VectorStride != vectorStride)
        {
            throw graph.Corrupt($"Expected a graph over {rows} rows of stride {vectorStride}, found one over {graph.Count} of stride {graph.VectorStride}.");
        }

        long expected = Place(graph, places, out _);
        if (expected != length)
        {
            throw graph.Corrupt($"Expected {expected} bytes for its levels, found {length}.");
        }

        for (int i = 0; i < graph.LevelCount; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(LevelTable + (i * LevelEntry), LevelEntry);
            var found = new LevelPlace(
                BinaryPrimitives.ReadInt64LittleEndian(entry[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(entry[24..]));
            if (found != places[i])
            {
                throw graph.Corrupt($"Level {i} does not lie where its number of nodes puts it.");
            }
        }

        return graph;
    }

    private static HnswGraph ReadParameters(ReadOnlySpan<byte> bytes, string file, string section)
    {
        var parameters = new HnswParameters
        {
            M = BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            EfConstruction = BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            Seed = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
        };
        int stride = BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]);
        float scale = BinaryPrimitives.ReadSingleLittleEndian(bytes[40..]);
        int levels = BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        bool isValid = parameters.M is >= 2 and <= HnswParameters.MaximumM
            && parameters.EfConstruction >= parameters.M && parameters.EfConstruction <= HnswParameters.MaximumEfConstruction
            && stride is > 0 and <= Vectors.VectorLayout.MaximumDimension && RowCodes.Stride(stride) == BinaryPrimitives.ReadInt32LittleEndian(bytes[36..])
            && float.IsFinite(scale) && scale > 0 && levels is >= 1 and <= HnswGraph.MaximumLevels
            && BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]) == Size;
        if (!isValid)
        {
            throw new CorruptCollectionException(
                file,
                section,
                $"A field is out of range (M {parameters.M}, efConstruction {parameters.EfConstruction}, stride {stride}, scale {scale}, levels {levels}).");
        }

        return new HnswGraph(parameters, stride, file, section)
        {
            CodeScale = scale,
            Entry = BinaryPrimitives.ReadInt32LittleEndian(bytes[44..]),
            LevelCount = levels,
        };
    }

    private static void ReadLevels(ReadOnlySpan<byte> bytes, HnswGraph graph)
    {
        long below = int.MaxValue;
        for (int i = 0; i < graph.LevelCount; i++)
        {
            long count = BinaryPrimitives.ReadInt64LittleEndian(bytes[(LevelTable + (i * LevelEntry))..]);
            if (count < (i > 0 ? 1 : 0) || count > below)
            {
                throw graph.Corrupt($"Level {i} has {count} nodes, the level below {below}.");
            }

            below = count;
            graph.Levels[i].Count = (int)count;
            graph.Levels[i].Degree = i == 0 ? 2 * graph.Parameters.M : graph.Parameters.M;
        }

        int entries = graph.Levels[graph.LevelCount - 1].Count;
        if (graph.Entry < (graph.Count == 0 ? -1 : 0) || graph.Entry >= entries)
        {
            throw graph.Corrupt($"The entry is node {graph.Entry}; the highest level has {entries} nodes.");
        }
    }

    private static uint ComputeChecksum(ReadOnlySpan<byte> bytes) =>
        Crc32C.Append(Crc32C.Append(0, bytes[..Checksum]), bytes[(Checksum + sizeof(uint))..Size]);

    /// <summary>Offsets of a level's arrays.</summary>
    public readonly record struct LevelPlace(long Links, long Rows, long Down);
}

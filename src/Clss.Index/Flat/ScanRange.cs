using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>
/// Rows to be scanned: a run of one block of vectors, less the rows that are dead or filtered out. Rows count from the block's first;
/// the last tile of a block is padded, so that kernels always take 64 rows.
/// </summary>
internal readonly unsafe struct ScanRange
{
    /// <summary>The rows [padded rows, stride].</summary>
    public required StoredVectors Vectors { get; init; }

    /// <summary>8-bit codes of the rows, or null where they have none.</summary>
    public byte* Codes { get; init; }

    /// <summary>Scale and error of each block of 16 codes.</summary>
    public float* Scales { get; init; }

    public required int Stride { get; init; }

    /// <summary>The ordinal of the block's first row.</summary>
    public required int FirstOrdinal { get; init; }

    /// <summary>The first row of the run.</summary>
    public required int Start { get; init; }

    /// <summary>The row after the run.</summary>
    public required int End { get; init; }

    public required ulong[] Alive { get; init; }

    /// <summary>The rows that the filter accepts; null without a filter.</summary>
    public ulong[]? Accepted { get; init; }

    /// <summary>Set with <see cref="Partition"/> where the rows of partitions are mixed.</summary>
    public RecentRows? Mixed { get; init; }

    /// <summary>The partition wanted among mixed rows; -1 for all.</summary>
    public int Partition { get; init; }

    public int FirstTile => Start / VectorLayout.TileRows;

    public int EndTile => (int)(((long)End + VectorLayout.TileRows - 1) / VectorLayout.TileRows);

    /// <summary>The rows of a tile that are to be scanned, a bit for each.</summary>
    public ulong Wanted(int tile)
    {
        ulong wanted = Alive[tile];
        if (Accepted is not null)
        {
            wanted &= Accepted[tile];
        }

        int first = tile * VectorLayout.TileRows;
        if (first < Start)
        {
            wanted &= ulong.MaxValue << (Start - first);
        }

        if (End - first < VectorLayout.TileRows)
        {
            wanted &= (1UL << (End - first)) - 1;
        }

        return Partition >= 0 && wanted != 0 && Mixed is not null ? wanted & OfPartition(Mixed, first) : wanted;
    }

    private ulong OfPartition(RecentRows rows, int first)
    {
        ulong bits = 0;
        int count = Math.Min(VectorLayout.TileRows, End - first);
        for (int i = 0; i < count; i++)
        {
            bits |= rows.Partition(first + i) == Partition ? 1UL << i : 0;
        }

        return bits;
    }
}

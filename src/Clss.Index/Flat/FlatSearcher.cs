using System.Numerics;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>Exact search by scanning every row: a kernel rules out most rows of a tile, the similarity proper decides over the rest.</summary>
internal static unsafe class FlatSearcher
{
    /// <summary>
    /// Offers every row of the range that may be among the best to <paramref name="best"/>. The query [stride] has unit length and zero padding;
    /// <paramref name="room"/> is for a tile of rows [64, stride] where they have to be decoded, else null.
    /// </summary>
    public static void Scan(in ScanRange range, float* query, float* room, ref TopK best)
    {
        float bound = ErrorBound.Float32(range.Stride, range.Vectors.LengthError);
        for (int tile = range.FirstTile; tile < range.EndTile; tile++)
        {
            ulong wanted = range.Wanted(tile);
            if (wanted == 0)
            {
                continue;
            }

            float* rows = range.Vectors.Rows((long)tile * VectorLayout.TileRows, VectorLayout.TileRows, room);
            wanted &= Float32Kernel.Exceeding(rows, range.Stride, query, best.Threshold - bound);
            if (wanted != 0)
            {
                Score(range, tile, wanted, query, ref best);
            }
        }
    }

    /// <summary>The same by way of the codes.</summary>
    public static void Scan(in ScanRange range, float* query, in Int8Query codes, ref TopK best)
    {
        for (int tile = range.FirstTile; tile < range.EndTile; tile++)
        {
            ulong wanted = range.Wanted(tile);
            if (wanted == 0)
            {
                continue;
            }

            byte* tileCodes = range.Codes + ((long)tile * VectorLayout.TileRows * range.Stride);
            float* scales = range.Scales + ((long)tile * (VectorLayout.TileRows / VectorLayout.CodeBlockRows * 2));
            wanted &= Int8Kernel.Exceeding(tileCodes, scales, range.Stride, codes, best.Threshold);
            if (wanted != 0)
            {
                Score(range, tile, wanted, query, ref best);
            }
        }
    }

    /// <summary>Scores the rows of a tile whose bits are set, in ascending order.</summary>
    public static void Score(in ScanRange range, int tile, ulong rows, float* query, ref TopK best)
    {
        StoredVectors vectors = range.Vectors;
        while (rows != 0)
        {
            int row = (tile * VectorLayout.TileRows) + BitOperations.TrailingZeroCount(rows);
            rows &= rows - 1;
            float similarity = vectors.Similarity(row, query);
            if (similarity > best.Threshold)
            {
                best.Offer(new Neighbor(range.FirstOrdinal + row, similarity));
            }
        }
    }
}

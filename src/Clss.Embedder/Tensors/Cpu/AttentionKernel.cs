namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// softmax(q k') v of one head without the matrix of all pairs: running maximum and sum per query
/// (Milakov and Gimelshein, arXiv:1805.02867; Dao et al., arXiv:2205.14135).
/// A block of queries lies across the lanes, so that scores, maxima and sums are vertical operations,
/// and the block of weights [key, query] is at once the right side of the product with the values.
/// Key blocks are counted from the start of the sequence and every lane works for itself:
/// the result of a query depends on nothing but its sequence.
/// </summary>
internal static unsafe class AttentionKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Keys per block, a multiple of every tile height: scores [120, 32] take a third of a 48 KB first-level cache.</summary>
    private const int KeyBlock = 120;

    /// <summary>Softmax works with powers of two.</summary>
    private const float Log2E = 1.44269504f;

    /// <summary>Stands for minus infinity where differences must stay numbers.</summary>
    private const float LowestScore = -1e30f;

    private static int QueryBlock => 2 * TLanes.Count;

    /// <summary>Floats of scratch memory that <see cref="Attend"/> needs.</summary>
    public static long ScratchSize(int length, int headSize) =>
        ((length + (long)TLanes.TileRows) * headSize)
        + ((long)length * PaddedSize(headSize))
        + ((headSize + PaddedSize(headSize) + KeyBlock + 2L) * QueryBlock)
        + (5 * ScratchAlignment);

    private const int ScratchAlignment = 16;

    public static void Attend(in AttentionJob job, float* scratch)
    {
        int padded = PaddedSize(job.HeadSize);
        float* keys = Take(ref scratch, (job.Length + (long)TLanes.TileRows) * job.HeadSize);
        float* values = Take(ref scratch, (long)job.Length * padded);
        float* queries = Take(ref scratch, job.HeadSize * QueryBlock);
        float* sums = Take(ref scratch, padded * QueryBlock);
        float* weights = Take(ref scratch, KeyBlock * QueryBlock);
        float* state = Take(ref scratch, 2 * QueryBlock);

        PackKeys(in job, keys);
        PackValues(in job, padded, values);
        for (int query = job.QueryStart; query < job.QueryEnd; query += QueryBlock)
        {
            int count = Math.Min(QueryBlock, job.QueryEnd - query);
            PackQueries(in job, query, count, queries);
            new Span<float>(sums, padded * QueryBlock).Clear();
            new Span<float>(state, QueryBlock).Fill(LowestScore);
            new Span<float>(state + QueryBlock, QueryBlock).Clear();
            for (int key = 0; key < job.Length; key += KeyBlock)
            {
                int keyCount = Math.Min(KeyBlock, job.Length - key);
                for (int k = 0; k < keyCount; k += TLanes.TileRows)
                {
                    TLanes.MultiplyTile(keys + ((nint)(key + k) * job.HeadSize), job.HeadSize, queries, job.HeadSize, weights + (k * QueryBlock));
                }

                SoftmaxStep(weights, keyCount, state, sums, padded);
                for (int i = 0; i < padded; i += TLanes.TileRows)
                {
                    TLanes.AccumulateTile(values + ((nint)key * padded) + i, padded, weights, keyCount, sums + (i * QueryBlock));
                }
            }

            Write(in job, query, count, sums, state + QueryBlock);
        }
    }

    private static int PaddedSize(int headSize) => (headSize + TLanes.TileRows - 1) / TLanes.TileRows * TLanes.TileRows;

    private static float* Take(ref float* scratch, long size)
    {
        float* taken = scratch;
        scratch += (size + ScratchAlignment - 1) / ScratchAlignment * ScratchAlignment;
        return taken;
    }

    /// <summary>Turns scores into weights 2^(score - maximum), and brings sums and state to the new maximum.</summary>
    private static void SoftmaxStep(float* weights, int keyCount, float* state, float* sums, int rows)
    {
        int lanes = TLanes.Count;
        TLanes oldA = TLanes.Load(state), oldB = TLanes.Load(state + lanes);
        TLanes maximumA = oldA, maximumB = oldB;
        for (int k = 0; k < keyCount; k++)
        {
            maximumA = TLanes.Max(maximumA, TLanes.Load(weights + (2 * k * lanes)));
            maximumB = TLanes.Max(maximumB, TLanes.Load(weights + (((2 * k) + 1) * lanes)));
        }

        TLanes totalA = TLanes.Broadcast(0f), totalB = TLanes.Broadcast(0f);
        for (int k = 0; k < keyCount; k++)
        {
            TLanes weightA = SimdMath<TLanes>.Exp2(TLanes.Load(weights + (2 * k * lanes)) - maximumA);
            TLanes weightB = SimdMath<TLanes>.Exp2(TLanes.Load(weights + (((2 * k) + 1) * lanes)) - maximumB);
            weightA.Store(weights + (2 * k * lanes));
            weightB.Store(weights + (((2 * k) + 1) * lanes));
            totalA += weightA;
            totalB += weightB;
        }

        TLanes shrinkA = SimdMath<TLanes>.Exp2(oldA - maximumA), shrinkB = SimdMath<TLanes>.Exp2(oldB - maximumB);
        maximumA.Store(state);
        maximumB.Store(state + lanes);
        TLanes.MultiplyAdd(TLanes.Load(state + (2 * lanes)), shrinkA, totalA).Store(state + (2 * lanes));
        TLanes.MultiplyAdd(TLanes.Load(state + (3 * lanes)), shrinkB, totalB).Store(state + (3 * lanes));
        for (int row = 0; row < rows; row++)
        {
            float* sum = sums + (2 * row * lanes);
            (TLanes.Load(sum) * shrinkA).Store(sum);
            (TLanes.Load(sum + lanes) * shrinkB).Store(sum + lanes);
        }
    }

    /// <summary>keys [Length, HeadSize] and a tile of zeros below.</summary>
    private static void PackKeys(in AttentionJob job, float* keys)
    {
        for (int row = 0; row < job.Length; row++)
        {
            Rotate(in job, job.Keys + (row * job.KeyStride), row, 1f, keys + ((nint)row * job.HeadSize), 1);
        }

        new Span<float>(keys + ((nint)job.Length * job.HeadSize), TLanes.TileRows * job.HeadSize).Clear();
    }

    /// <summary>values [Length, padded], zero past the head's size.</summary>
    private static void PackValues(in AttentionJob job, int padded, float* values)
    {
        for (int row = 0; row < job.Length; row++)
        {
            Span<float> packed = new(values + ((nint)row * padded), padded);
            new ReadOnlySpan<float>(job.Values + (row * job.ValueStride), job.HeadSize).CopyTo(packed);
            packed[job.HeadSize..].Clear();
        }
    }

    /// <summary>queries [HeadSize, QueryBlock]: one query to a lane, zero in lanes without one.</summary>
    private static void PackQueries(in AttentionJob job, int start, int count, float* queries)
    {
        if (count < QueryBlock)
        {
            new Span<float>(queries, job.HeadSize * QueryBlock).Clear();
        }

        for (int i = 0; i < count; i++)
        {
            Rotate(in job, job.Queries + ((start + i) * job.QueryStride), start + i, job.Scale * Log2E, queries + i, QueryBlock);
        }
    }

    /// <summary>Rotary embedding: the two halves of a head vector form the pairs.</summary>
    private static void Rotate(in AttentionJob job, float* source, int position, float scale, float* destination, nint step)
    {
        int half = job.HeadSize / 2;
        if (job.Cosines == null)
        {
            for (int i = 0; i < job.HeadSize; i++)
            {
                destination[i * step] = source[i] * scale;
            }

            return;
        }

        float* cosines = job.Cosines + ((nint)position * half);
        float* sines = job.Sines + ((nint)position * half);
        for (int i = 0; i < half; i++)
        {
            float first = source[i] * scale;
            float second = source[half + i] * scale;
            destination[i * step] = (first * cosines[i]) - (second * sines[i]);
            destination[(half + i) * step] = (second * cosines[i]) + (first * sines[i]);
        }
    }

    private static void Write(in AttentionJob job, int start, int count, float* sums, float* totals)
    {
        for (int i = 0; i < count; i++)
        {
            float* row = job.Destination + ((start + i) * job.DestinationStride);
            float factor = 1f / totals[i];
            for (int column = 0; column < job.HeadSize; column++)
            {
                row[column] = sums[(column * QueryBlock) + i] * factor;
            }
        }
    }
}

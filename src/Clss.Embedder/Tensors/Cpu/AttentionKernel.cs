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
        + (((2L * headSize) + PaddedSize(headSize) + KeyBlock + 2) * QueryBlock)
        + (7 * ScratchAlignment);

    private const int ScratchAlignment = 16;

    public static void Attend(in AttentionJob job, float* scratch)
    {
        int padded = PaddedSize(job.HeadSize);
        float* keys = Take(ref scratch, (job.Length + (long)TLanes.TileRows) * job.HeadSize);
        float* values = Take(ref scratch, (long)job.Length * padded);
        float* rows = Take(ref scratch, QueryBlock * job.HeadSize);
        float* queries = Take(ref scratch, job.HeadSize * QueryBlock);
        float* sums = Take(ref scratch, padded * QueryBlock);
        float* weights = Take(ref scratch, KeyBlock * QueryBlock);
        float* state = Take(ref scratch, 2 * QueryBlock);

        PackKeys(in job, keys);
        PackValues(in job, padded, values);
        for (int query = job.QueryStart; query < job.QueryEnd; query += QueryBlock)
        {
            int count = Math.Min(QueryBlock, job.QueryEnd - query);
            PackQueries(in job, query, count, rows, queries);
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
            Rotate(in job, job.Keys + (row * job.KeyStride), row, 1f, keys + ((nint)row * job.HeadSize));
        }

        new Span<float>(keys + ((nint)job.Length * job.HeadSize), TLanes.TileRows * job.HeadSize).Clear();
    }

    /// <summary>values [Length, padded], zero past the head's size.</summary>
    private static void PackValues(in AttentionJob job, int padded, float* values)
    {
        for (int row = 0; row < job.Length; row++)
        {
            float* source = job.Values + (row * job.ValueStride);
            float* packed = values + ((nint)row * padded);
            int i = 0;
            for (; i <= job.HeadSize - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Load(source + i).Store(packed + i);
            }

            for (; i < job.HeadSize; i++)
            {
                packed[i] = source[i];
            }

            for (; i < padded; i++)
            {
                packed[i] = 0f;
            }
        }
    }

    /// <summary>queries [HeadSize, QueryBlock]: one query to a lane, zero in lanes without one.</summary>
    private static void PackQueries(in AttentionJob job, int start, int count, float* rows, float* queries)
    {
        for (int i = 0; i < count; i++)
        {
            Rotate(in job, job.Queries + ((start + i) * job.QueryStride), start + i, job.Scale * Log2E, rows + (i * job.HeadSize));
        }

        if (count < QueryBlock)
        {
            new Span<float>(rows + (count * job.HeadSize), (QueryBlock - count) * job.HeadSize).Clear();
        }

        Transposition.Copy(rows, job.HeadSize, QueryBlock, job.HeadSize, queries, QueryBlock);
    }

    /// <summary>
    /// Rotary embedding: the two halves of a head vector form the pairs. Halves are short (12 in ESM-2 35M), so that
    /// four floats at a time suit every width.
    /// </summary>
    private static void Rotate(in AttentionJob job, float* source, int position, float scale, float* destination)
    {
        int half = job.HeadSize / 2;
        if (job.Cosines == null)
        {
            for (int i = 0; i < job.HeadSize; i++)
            {
                destination[i] = source[i] * scale;
            }

            return;
        }

        float* cosines = job.Cosines + ((nint)position * half);
        float* sines = job.Sines + ((nint)position * half);
        int j = 0;
        if (TLanes.Count >= Lanes128.Count)
        {
            Lanes128 scales = Lanes128.Broadcast(scale);
            for (; j <= half - Lanes128.Count; j += Lanes128.Count)
            {
                Lanes128 first = Lanes128.Load(source + j) * scales, second = Lanes128.Load(source + half + j) * scales;
                Lanes128 cosine = Lanes128.Load(cosines + j), sine = Lanes128.Load(sines + j);
                ((first * cosine) - (second * sine)).Store(destination + j);
                ((second * cosine) + (first * sine)).Store(destination + half + j);
            }
        }

        for (; j < half; j++)
        {
            float first = source[j] * scale, second = source[half + j] * scale;
            destination[j] = (first * cosines[j]) - (second * sines[j]);
            destination[half + j] = (second * cosines[j]) + (first * sines[j]);
        }
    }

    /// <summary>Divides the sums [HeadSize, QueryBlock] by the totals and writes them as rows.</summary>
    private static void Write(in AttentionJob job, int start, int count, float* sums, float* totals)
    {
        int lanes = TLanes.Count;
        TLanes one = TLanes.Broadcast(1f);
        TLanes factorA = one / TLanes.Load(totals), factorB = one / TLanes.Load(totals + lanes);
        for (int row = 0; row < job.HeadSize; row++)
        {
            float* sum = sums + (2 * row * lanes);
            (TLanes.Load(sum) * factorA).Store(sum);
            (TLanes.Load(sum + lanes) * factorB).Store(sum + lanes);
        }

        Transposition.Copy(sums, QueryBlock, job.HeadSize, count, job.Destination + (start * job.DestinationStride), job.DestinationStride);
    }
}

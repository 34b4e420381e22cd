using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Compares each kernel with plain arithmetic on random cells: values with sums in double precision over the codes, and the bounds with the true products.
/// </summary>
internal static unsafe class KernelCheck
{
    private const int BlockRows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const int Trials = 2000;

    public static void Run()
    {
        Check<VnniKernel>();
        Check<PairKernel>();
        Check<TableKernel>();
    }

    private static void Check<TKernel>()
        where TKernel : IRowKernel
    {
        using var scratch = new SearchScratch(Stride);
        using var memory = new NativeArena(RowQuery.MemoryBytes);
        var random = new Random(7);
        float* rows = stackalloc float[BlockRows * Stride];
        float* centroid = stackalloc float[Stride];
        byte* block = stackalloc byte[TKernel.BlockBytes];
        float* scales = stackalloc float[2];
        float* scores = stackalloc float[BlockRows];
        for (int trial = 0; trial < Trials; trial++)
        {
            float[] vector = Unit(random, trial);
            Fill(random, trial, rows, centroid);
            scratch.SetQuery(vector, Stride);
            var query = new RowQuery(new Int8Query(scratch.Query, Stride, scratch.Words), memory.Pointer, 0);
            TKernel.Prepare(ref query);
            (scales[0], scales[1], float along) = TKernel.Encode(rows, centroid, block);
            float cellScore = (float)Product((sbyte*)query.Codes.Words, query.Codes.Scale, centroid);
            TKernel.Scores(block, scales, 1, query, cellScore, scores);
            for (int row = 0; row < BlockRows; row++)
            {
                double exact = Product(scratch.Query, rows + (row * Stride));
                if (Math.Abs(exact - scores[row]) > query.Bound(scales[0], scales[1]))
                {
                    throw new InvalidOperationException($"{TKernel.Name}: row {row} of trial {trial} has {exact}, its codes say {scores[row]}, farther than the bound {query.Bound(scales[0], scales[1])}.");
                }
            }

            CheckAimed<TKernel>(query, cellScore, centroid, along, scales, scores, scratch.Query, rows);
            CheckMasks<TKernel>(block, scales, query, cellScore, scores, trial);
        }

        Console.WriteLine($"{TKernel.Name}: values within their bounds, masks as the values say");
    }

    private static void CheckAimed<TKernel>(RowQuery query, float cellScore, float* centroid, float along, float* scales, float* scores, float* vector, float* rows)
        where TKernel : IRowKernel
    {
        float norm = (float)Math.Sqrt(Product(centroid, centroid));
        query.Aim(cellScore, norm > 0 ? 1 / norm : 0, along);
        for (int row = 0; row < BlockRows; row++)
        {
            double exact = Product(vector, rows + (row * Stride));
            if (Math.Abs(exact - scores[row]) > query.Bound(scales[0], scales[1]))
            {
                throw new InvalidOperationException($"{TKernel.Name}: {exact} is farther from {scores[row]} than the split bound {query.Bound(scales[0], scales[1])}.");
            }
        }
    }

    /// <summary>Around every value as a limit, the mask has the rows that the values give, but for those that rounding decides.</summary>
    private static void CheckMasks<TKernel>(byte* block, float* scales, in RowQuery query, float cellScore, float* scores, int trial)
        where TKernel : IRowKernel
    {
        float bound = query.Bound(scales[0], scales[1]);
        const float Rounding = 1e-5f;
        for (int other = 0; other < BlockRows; other++)
        {
            ushort mask;
            float limit = scores[other] + bound;
            TKernel.Exceeding(block, scales, 1, query, cellScore, limit, &mask);
            for (int row = 0; row < BlockRows; row++)
            {
                bool exceeds = (mask & (1 << row)) != 0;
                float excess = scores[row] + bound - limit;

                // A row may pass that a 16-bit sum has no room for.
                float sum = (scores[row] - cellScore - (scales[0] * query.Offset)) / (scales[0] * query.Unit);
                bool isOutside = exceeds && Math.Abs(sum) >= short.MaxValue - 1;
                if (Math.Abs(excess) > Rounding && exceeds != excess > 0 && !isOutside)
                {
                    throw new InvalidOperationException($"{TKernel.Name}: in trial {trial} row {row} lies {excess} above the limit and the mask says {exceeds}.");
                }
            }
        }
    }

    /// <summary>A random direction; every fourth has equal elements of one sign, the worst case of 16-bit sums.</summary>
    private static float[] Unit(Random random, int trial)
    {
        float[] vector = [.. Enumerable.Range(0, Stride).Select(_ => trial % 4 == 0 ? 1f : (float)(random.NextDouble() - 0.5))];
        float sign = trial % 8 == 0 ? -1 : 1;
        double norm = Math.Sqrt(vector.Sum(element => (double)element * element)) * sign;
        return [.. vector.Select(element => (float)(element / norm))];
    }

    private static void Fill(Random random, int trial, float* rows, float* centroid)
    {
        double spread = trial % 3 == 0 ? 0 : random.NextDouble() * 0.6;
        for (int j = 0; j < Stride; j++)
        {
            centroid[j] = (float)((random.NextDouble() - 0.5) * 0.3);
            for (int row = 0; row < BlockRows; row++)
            {
                // Every fifth trial lies on one side, so that all codes are at an end.
                double step = trial % 5 == 0 ? spread / 2 : (random.NextDouble() - 0.5) * spread;
                rows[(row * Stride) + j] = (float)(centroid[j] + step);
            }
        }
    }

    private static double Product(float* left, float* right)
    {
        double sum = 0;
        for (int j = 0; j < Stride; j++)
        {
            sum += (double)left[j] * right[j];
        }

        return sum;
    }

    private static double Product(sbyte* codes, float scale, float* vector)
    {
        double sum = 0;
        for (int j = 0; j < Stride; j++)
        {
            sum += (double)codes[j] * scale * vector[j];
        }

        return sum;
    }
}

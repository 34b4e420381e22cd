using System.Runtime.InteropServices;
using Clss.Index.Hnsw;
using Clss.Index.Metrics;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Unit vectors in native memory, made by formula, and what an exact scan of them finds.</summary>
internal sealed unsafe class Rows : IDisposable
{
    public Rows(IReadOnlyList<float[]> vectors, int dimension = 32)
    {
        Count = vectors.Count;
        Stride = VectorLayout.Stride(dimension);
        nuint bytes = (nuint)Math.Max(1, (long)Count * Stride) * sizeof(float);
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(Pointer, bytes);
        for (int row = 0; row < Count; row++)
        {
            vectors[row].CopyTo(new Span<float>(this[row], dimension));
        }
    }

    public static TheoryData<string> Kinds => ["uniform", "clusters", "pairs", "equal", "two points", "one axis", "line", "few"];

    public int Count { get; }

    public int Stride { get; }

    public float* Pointer { get; private set; }

    public StoredVectors Stored => new(Pointer, Stride);

    public float* this[int row] => Pointer + ((long)row * Stride);

    public static Rows Of(string kind, int count, int seed, int dimension = 32) => new([.. Vectors(kind, count, seed, dimension)], dimension);

    public static IEnumerable<float[]> Vectors(string kind, int count, int seed, int dimension = 32)
    {
        for (int i = 0; i < count; i++)
        {
            yield return kind switch
            {
                "clusters" => Near(Samples.Unit(seed + (i % 20), dimension), (seed * 7919) + i, 0.3f),
                "pairs" => Samples.Unit((seed * 7919) + (i / 2), dimension),
                "equal" => Samples.Unit(seed, dimension),
                "two points" => Samples.Unit(seed + (i & 1), dimension),
                "one axis" => [.. Enumerable.Range(0, dimension).Select(j => j == 3 ? ((i & 1) * 2f) - 1 : 0)],
                "line" => Turned(i * 6f / count, dimension),
                "few" => Samples.Unit(seed + (i % 40), dimension),
                _ => Samples.Unit((seed * 7919) + i, dimension),
            };
        }
    }

    /// <summary>A vector beside another.</summary>
    public static float[] Near(float[] vector, int seed, float distance)
    {
        float[] offset = Samples.Unit(seed, vector.Length);
        double[] sum = [.. vector.Zip(offset, (a, b) => (double)a + (distance * b))];
        double norm = Math.Sqrt(sum.Sum(x => x * x));
        return [.. sum.Select(x => (float)(x / norm))];
    }

    public HnswBuilder Build(HnswParameters? parameters = null, int threads = 1)
    {
        var builder = new HnswBuilder(parameters ?? new HnswParameters(), Stride);
        builder.Add(Pointer, Count, threads);
        return builder;
    }

    /// <summary>The best k of the accepted rows by the similarity proper, ties by ordinal.</summary>
    public Neighbor[] Scan(float* query, int k, Func<int, bool>? accepts = null) =>
        [.. Enumerable.Range(0, Count).Where(row => accepts is null || accepts(row))
            .Select(row => new Neighbor(row, CosineOfUnitVectors.Similarity(this[row], query, Stride)))
            .OrderByDescending(hit => hit.Similarity).ThenBy(hit => hit.Ordinal).Take(k)];

    public Neighbor[] Search(HnswGraph graph, float* query, int k, HnswSearchSettings settings, HnswScratch scratch, ulong[]? accepted = null, int poolSize = 0)
    {
        var neighbors = new Neighbor[k];
        fixed (ulong* words = accepted)
        {
            int count = HnswSearcher.Search(graph, Stored, 0, query, settings, new RowFilter(null, words), poolSize, scratch, neighbors);
            return neighbors[..count];
        }
    }

    /// <summary>The share of what the scan finds that is found, where any row as similar as the last is as good.</summary>
    public static double Recall(Neighbor[] found, Neighbor[] exact) =>
        exact.Length == 0 ? 1 : Math.Min(1, (double)found.Count(hit => hit.Similarity >= exact[^1].Similarity) / exact.Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }

    private static float[] Turned(float angle, int dimension)
    {
        var vector = new float[dimension];
        vector[0] = MathF.Cos(angle);
        vector[1] = MathF.Sin(angle);
        return vector;
    }
}

using System.Numerics.Tensors;
using Clss.Index.Cells;

namespace Clss.Index.Vectors;

/// <summary>
/// Queries by which an index that is being built is measured. Users ask for what is like stored rows, and for what is far from all of them, so the
/// sample has both: of five queries two are stored rows, two are rows moved by half their length in a random direction, one is random.
/// </summary>
internal sealed unsafe class SampleQueries
{
    public const int Count = 512;

    private const int Mix = 5;
    private const int StoredOfMix = 2;
    private const float Displacement = 0.5f;

    private readonly RowSource _rows;
    private readonly ulong _seed;

    public SampleQueries(in RowSource rows, ulong seed)
    {
        _rows = rows;
        _seed = seed;
        Vectors = new float[Count * rows.Stride];
        Selves = new int[Count];
        for (int i = 0; i < Count; i++)
        {
            Selves[i] = Make(i, Vectors.AsSpan(i * rows.Stride, rows.Stride));
        }
    }

    /// <summary>The queries [count, stride], of unit length.</summary>
    public float[] Vectors { get; }

    /// <summary>The row that each query is, or -1: it does not count as its own neighbour.</summary>
    public int[] Selves { get; }

    private int Make(int number, Span<float> query)
    {
        int row = (int)(SplitMix.Hash(_seed + 2, (ulong)number) % (ulong)_rows.Count);
        int kind = number % Mix;
        bool isStored = kind < StoredOfMix;
        bool isRandom = kind == Mix - 1;
        _rows.CopyTo(row, query);
        for (int j = 0; j < query.Length; j++)
        {
            float element = isRandom ? 0 : query[j];
            double noise = isStored ? 0 : Gauss((ulong)((number * query.Length) + j)) * (isRandom ? 1 : Displacement / Math.Sqrt(query.Length));
            query[j] = element + (float)noise;
        }

        float norm = TensorPrimitives.Norm(query);
        if (norm > 0 && !isStored)
        {
            TensorPrimitives.Divide(query, norm, query);
        }

        return isStored ? row : -1;
    }

    /// <summary>Nearly normal, of variance 1, by arithmetic that is the same on every machine.</summary>
    private double Gauss(ulong position)
    {
        const int Terms = 6;
        double sum = 0;
        for (ulong i = 0; i < Terms; i++)
        {
            sum += SplitMix.Uniform(_seed + 3, (position * Terms) + i);
        }

        return (sum - (Terms / 2)) * Math.Sqrt(2);
    }
}

using System.Numerics.Tensors;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Measures on a sample of queries which margin each of their ten nearest rows needs to be found (<see cref="CellSearcher"/>), which gives the margin
/// for any recall. A search has users who ask for stored rows' like and users who ask for what is far from all of them, so the sample has both.
/// </summary>
internal sealed unsafe class CellCalibration
{
    private const int Neighbors = 10;
    private const int Queries = 512;

    // Of five queries two are stored rows, two are rows moved by half their length in a random direction, one is random.
    private const int Mix = 5;
    private const float Displacement = 0.5f;

    private readonly RowSource _rows;
    private readonly CellLayout _layout;
    private readonly ulong _seed;
    private readonly int _threads;

    public CellCalibration(in RowSource rows, CellLayout layout, ulong seed, int threads)
    {
        _rows = rows;
        _layout = layout;
        _seed = seed;
        _threads = threads;
    }

    /// <summary>The table for <see cref="RecallMargins"/>.</summary>
    public float[] Measure()
    {
        int stride = _rows.Stride;
        var queries = new float[Queries * stride];
        var selves = new int[Queries];
        for (int i = 0; i < Queries; i++)
        {
            selves[i] = MakeQuery(i, queries.AsSpan(i * stride, stride));
        }

        Neighbor[][] truth = new SampleNeighbors(_rows, queries, selves, Neighbors).Find(_threads);
        int[] cellOfPlace = CellOfRow();
        var needed = new float[Queries][];
        Work.ForEach(Queries, _threads, query => needed[query] = Needed(queries.AsMemory(query * stride, stride), selves[query], truth[query], cellOfPlace));
        return RecallMargins.FromNeeded([.. needed.SelectMany(margins => margins)]);
    }

    /// <summary>Writes a query and returns the row that it is, or -1.</summary>
    private int MakeQuery(int number, Span<float> query)
    {
        int row = (int)(SplitMix.Hash(_seed + 2, (ulong)number) % (ulong)_rows.Count);
        int kind = number % Mix;
        for (int j = 0; j < query.Length; j++)
        {
            float element = kind == Mix - 1 ? 0 : _rows[row][j];
            query[j] = kind < 2 ? element : element + (float)(Gauss((ulong)((number * query.Length) + j)) * (kind == Mix - 1 ? 1 : Displacement / Math.Sqrt(query.Length)));
        }

        float norm = TensorPrimitives.Norm(query);
        if (norm > 0 && kind >= 2)
        {
            TensorPrimitives.Divide(query, norm, query);
        }

        return kind < 2 ? row : -1;
    }

    /// <summary>Nearly normal, of variance 1, by arithmetic that is the same on every machine.</summary>
    private double Gauss(ulong position)
    {
        double sum = 0;
        for (ulong i = 0; i < 6; i++)
        {
            sum += SplitMix.Uniform(_seed + 3, (position * 6) + i);
        }

        return (sum - 3) * Math.Sqrt(2);
    }

    private int[] CellOfRow()
    {
        var cells = new int[_rows.Count];
        for (int cell = 0; cell + 1 < _layout.CellStarts.Length; cell++)
        {
            for (int place = _layout.CellStarts[cell]; place < _layout.CellStarts[cell + 1]; place++)
            {
                cells[_layout.Order[place]] = cell;
            }
        }

        return cells;
    }

    private float[] Needed(ReadOnlyMemory<float> query, int self, Neighbor[] truth, int[] cellOfRow)
    {
        float[] groupScores = Scores(_layout.GroupCentroids, query.Span);
        float[] cellScores = Scores(_layout.Centroids, query.Span);
        (HashSet<int> first, float mark) = CellSearcher.SimulateFirst(_layout, groupScores, cellScores, Neighbors, row => row == self ? null : TensorPrimitives.Dot(query.Span, new ReadOnlySpan<float>(_rows[row], _rows.Stride)));
        var needed = new float[truth.Length];
        for (int i = 0; i < truth.Length; i++)
        {
            int cell = cellOfRow[truth[i].Ordinal];
            if (first.Contains(cell))
            {
                continue;
            }

            int group = Array.BinarySearch(_layout.GroupCells, cell);
            group = group < 0 ? ~group - 1 : group;
            float ofCell = (mark - cellScores[cell]) / CodedCentroids.Deviation(_layout.Spreads[2 * cell]);
            float ofGroup = ((mark - groupScores[group]) / CodedCentroids.Deviation(_layout.GroupSpreads[2 * group])) - CellSearcher.GroupMargin;
            needed[i] = MathF.BitIncrement(Math.Max(ofCell, ofGroup));
        }

        return needed;
    }

    private static float[] Scores(float[] centroids, ReadOnlySpan<float> query)
    {
        var scores = new float[centroids.Length / query.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = TensorPrimitives.Dot(query, centroids.AsSpan(i * query.Length, query.Length));
        }

        return scores;
    }
}

using System.Numerics.Tensors;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Measures on a sample of queries which margin each of their ten nearest rows needs to be found (<see cref="CellSearcher"/>), which gives the margin
/// for any recall.
/// </summary>
internal sealed unsafe class CellCalibration
{
    private const int Neighbors = 10;
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
        var queries = new SampleQueries(_rows, _seed);
        Neighbor[][] truth = new SampleNeighbors(_rows, queries.Vectors, queries.Selves, Neighbors).Find(_threads);
        int[] cellOfRow = CellOfRow();
        var needed = new float[SampleQueries.Count][];
        Work.ForEach(SampleQueries.Count, _threads, query => needed[query] = Needed(queries.Vectors.AsMemory(query * stride, stride), queries.Selves[query], truth[query], cellOfRow));
        return RecallMargins.FromNeeded([.. needed.SelectMany(margins => margins)]);
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
        var room = new float[_rows.Stride];
        float[] groupScores = Scores(_layout.GroupCentroids, query.Span);
        float[] cellScores = Scores(_layout.Centroids, query.Span);
        (HashSet<int> first, float mark) = CellSearcher.SimulateFirst(_layout, groupScores, cellScores, Neighbors, row =>
        {
            _rows.CopyTo(row, room);
            return row == self ? null : TensorPrimitives.Dot(query.Span, room);
        });
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

using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>Makes a <see cref="CellLayout"/> of the cell of every row: drops cells without rows, pads groups, and measures what remains.</summary>
internal sealed unsafe class CellLayoutWriter
{
    // Distances are rounded up by far more than the rounding of their computation, because exactness rests on them.
    private const double RoundUp = 1 + 1e-6;

    private readonly RowSource _rows;
    private readonly int _threads;

    public CellLayoutWriter(in RowSource rows, int threads)
    {
        _rows = rows;
        _threads = threads;
    }

    /// <summary>Takes the cell of each row, and the first cell of each group.</summary>
    public CellLayout Write(int[] cellOfRow, int[] groupStarts)
    {
        (int[] starts, int[] order) = GroupRows.By(cellOfRow, groupStarts[^1]);
        List<int> cellStarts = [];
        List<int> groupCells = [];
        for (int group = 0; group + 1 < groupStarts.Length; group++)
        {
            int before = cellStarts.Count;
            for (int cell = groupStarts[group]; cell < groupStarts[group + 1]; cell++)
            {
                if (starts[cell] < starts[cell + 1])
                {
                    cellStarts.Add(starts[cell]);
                }
            }

            if (cellStarts.Count > before)
            {
                groupCells.Add(before);
                int end = starts[groupStarts[group + 1]];
                while (cellStarts.Count % VectorLayout.CodeBlockRows != 0)
                {
                    cellStarts.Add(end);
                }
            }
        }

        groupCells.Add(cellStarts.Count);
        cellStarts.Add(order.Length);
        return Measure(order, [.. cellStarts], [.. groupCells]);
    }

    private CellLayout Measure(int[] order, int[] cellStarts, int[] groupCells)
    {
        int stride = _rows.Stride;
        var layout = new CellLayout
        {
            Order = order,
            CellStarts = cellStarts,
            Centroids = new float[(long)(cellStarts.Length - 1) * stride],
            Spreads = new float[(cellStarts.Length - 1) * 2],
            GroupCells = groupCells,
            GroupCentroids = new float[(long)(groupCells.Length - 1) * stride],
            GroupSpreads = new float[(groupCells.Length - 1) * 2],
        };
        Work.ForEach(groupCells.Length - 1, _threads, group =>
        {
            for (int cell = groupCells[group]; cell < groupCells[group + 1]; cell++)
            {
                MeasureRows(order.AsSpan(cellStarts[cell], cellStarts[cell + 1] - cellStarts[cell]), layout.Centroids.AsSpan(cell * stride, stride), layout.Spreads.AsSpan(2 * cell, 2));
            }

            int first = cellStarts[groupCells[group]];
            int end = cellStarts[groupCells[group + 1]];
            MeasureRows(order.AsSpan(first, end - first), layout.GroupCentroids.AsSpan(group * stride, stride), layout.GroupSpreads.AsSpan(2 * group, 2));
        });
        return layout;
    }

    private void MeasureRows(ReadOnlySpan<int> members, Span<float> mean, Span<float> spread)
    {
        if (members.IsEmpty)
        {
            return;
        }

        fixed (float* room = new float[mean.Length])
        {
            MeasureMean(members, mean, room);
            MeasureSpread(members, mean, spread, room);
        }
    }

    private void MeasureMean(ReadOnlySpan<int> members, Span<float> mean, float* room)
    {
        var sums = new double[mean.Length];
        foreach (int member in members)
        {
            float* row = _rows.Row(member, room);
            for (int j = 0; j < sums.Length; j++)
            {
                sums[j] += row[j];
            }
        }

        for (int j = 0; j < sums.Length; j++)
        {
            mean[j] = (float)(sums[j] / members.Length);
        }
    }

    private void MeasureSpread(ReadOnlySpan<int> members, ReadOnlySpan<float> mean, Span<float> spread, float* room)
    {
        double total = 0;
        double largest = 0;
        foreach (int member in members)
        {
            float* row = _rows.Row(member, room);
            double distance = 0;
            for (int j = 0; j < mean.Length; j++)
            {
                double difference = (double)row[j] - mean[j];
                distance += difference * difference;
            }

            total += distance;
            largest = Math.Max(largest, distance);
        }

        spread[0] = (float)Math.Sqrt(total / members.Length / mean.Length);
        spread[1] = (float)(Math.Sqrt(largest) * RoundUp) + float.Epsilon;
    }
}

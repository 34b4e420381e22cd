using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Divides rows into cells by k-means. Cells are trained group by group, which costs a fraction of training all at once, and then moved twice by all
/// rows around them, which removes what the borders of the groups did to them: without that step ten times as many rows had to be scanned.
/// </summary>
internal sealed unsafe class CellBuilder
{
    // More rows per centroid, or more rounds, gained nothing that could be measured; see docs/design/index.md.
    private const int SampleRowsPerCell = 32;
    private const int SampleRowsPerGroup = 256;
    private const int GroupRounds = 8;
    private const int CellRounds = 6;
    private const int RefiningRounds = 2;

    private readonly RowSource _rows;
    private readonly CellSizes _sizes;
    private readonly ulong _seed;
    private readonly int _threads;

    public CellBuilder(in RowSource rows, CellSizes sizes, ulong seed, int threads)
    {
        _rows = rows;
        _sizes = sizes;
        _seed = seed;
        _threads = threads;
    }

    private int Stride => _rows.Stride;

    /// <summary>Builds the layout; there must be at least one row.</summary>
    public CellLayout Build()
    {
        (float[] groups, float[] cells, int[] starts) = Train();
        (cells, starts) = Regroup(groups.Length / Stride, cells);
        var ids = new int[_rows.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = i;
        }

        var cellOfRow = new int[ids.Length];
        using (var router = new CellRouter(cells, starts, Stride))
        {
            router.Assign(_rows, ids, cellOfRow, _threads);
        }

        return new CellLayoutWriter(_rows, _threads).Write(cellOfRow, starts);
    }

    private (float[] Groups, float[] Cells, int[] Starts) Train()
    {
        int[] sample = Sample((long)_sizes.Cells * SampleRowsPerCell);
        float[] groups = KMeans.Train(_rows, Sample((long)_sizes.Groups * SampleRowsPerGroup), _sizes.Groups, GroupRounds, _seed, _threads);
        int count = groups.Length / Stride;
        var groupOfRow = new int[sample.Length];
        using (var set = new CentroidSet(groups, Stride))
        {
            KMeans.Assign(_rows, sample, set, groupOfRow, _threads);
        }

        (int[] memberStarts, int[] members) = GroupRows.By(groupOfRow, count);
        var parts = new float[count][];
        Work.ForEach(count, _threads, group =>
        {
            int[] ids = [.. members.AsSpan(memberStarts[group], memberStarts[group + 1] - memberStarts[group])];
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = sample[ids[i]];
            }

            int wanted = (int)Math.Max(1, Math.Round((double)_sizes.Cells * ids.Length / sample.Length));
            parts[group] = ids.Length == 0 ? [] : KMeans.Train(_rows, ids, wanted, CellRounds, SplitMix.Hash(_seed, (ulong)group), 1);
        });

        float[] cells = [.. parts.SelectMany(part => part)];
        var starts = new int[count + 1];
        for (int group = 0; group < count; group++)
        {
            starts[group + 1] = starts[group] + (parts[group].Length / Stride);
        }

        Refine(sample, cells, starts);
        return (groups, cells, starts);
    }

    private void Refine(int[] sample, float[] cells, int[] starts)
    {
        var cellOfRow = new int[sample.Length];
        for (int round = 0; round < RefiningRounds; round++)
        {
            using var router = new CellRouter(cells, starts, Stride);
            router.Assign(_rows, sample, cellOfRow, _threads);
            KMeans.UpdateMeans(_rows, sample, cellOfRow, cells, SplitMix.Hash(_seed, ulong.MaxValue - (ulong)round), _threads);
        }
    }

    /// <summary>Groups the cells anew, by k-means on their centroids: they have moved since, and groups only serve to find cells.</summary>
    private (float[] Cells, int[] Starts) Regroup(int groups, float[] cells)
    {
        int count = cells.Length / Stride;
        fixed (float* pointer = cells)
        {
            var source = new RowSource(pointer, count, Stride);
            int[] ids = [.. Enumerable.Range(0, count)];
            float[] centroids = KMeans.Train(source, ids, groups, GroupRounds, _seed + 1, _threads);
            var groupOfCell = new int[count];
            using (var set = new CentroidSet(centroids, Stride))
            {
                KMeans.Assign(source, ids, set, groupOfCell, _threads);
            }

            (int[] starts, int[] members) = GroupRows.By(groupOfCell, centroids.Length / Stride);
            var sorted = new float[cells.Length];
            for (int i = 0; i < count; i++)
            {
                cells.AsSpan(members[i] * Stride, Stride).CopyTo(sorted.AsSpan(i * Stride));
            }

            return (sorted, starts);
        }
    }

    /// <summary>Rows spread over all, one from each of equal parts.</summary>
    private int[] Sample(long wanted)
    {
        var sample = new int[Math.Min(wanted, _rows.Count)];
        for (int i = 0; i < sample.Length; i++)
        {
            long start = (long)i * _rows.Count / sample.Length;
            long end = ((long)i + 1) * _rows.Count / sample.Length;
            sample[i] = (int)(start + (long)(SplitMix.Hash(_seed, (ulong)i) % (ulong)(end - start)));
        }

        return sample;
    }
}

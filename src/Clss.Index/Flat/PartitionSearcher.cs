using System.Numerics;
using Clss.Index.Cells;
using Clss.Index.Hnsw;
using Clss.Index.Metadata;
using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>Searches the partitions of a generation one after the other, each by its index.</summary>
internal readonly unsafe struct PartitionSearcher
{
    // Whoever asks for more than one row in sixteen asks for most cells, and for most of a graph.
    private const int LargestShareByIndex = 16;

    // Settings are measured without filters. What a filter leaves may lie anywhere around the query, and then a cell says less about its rows: where the
    // filter opposed the query's neighbourhood, a search for 0.95 found 0.85. Aiming at a quarter of the misses brings that to what was asked for.
    private const double MissedWithFilter = 0.25;

    private readonly RowSet _rows;
    private readonly SearchOptions _options;
    private readonly AcceptedRows? _accepted;
    private readonly ScanRange _all;
    private readonly ScanRange _recent;

    /// <summary><paramref name="all"/> are the generation's rows of all partitions wanted, <paramref name="recent"/> the recent rows.</summary>
    public PartitionSearcher(RowSet rows, SearchOptions options, AcceptedRows? accepted, in ScanRange all, in ScanRange recent)
    {
        _rows = rows;
        _options = options;
        _accepted = accepted;
        _all = all;
        _recent = recent;
        FindsRecent = rows.RecentCells is not null && recent.End > RecentCells.FewRows && accepted is null && !IsExact
            && options.Precision == ScanPrecision.Int8 && options.K <= SmallestPartition() / LargestShareByIndex;
    }

    /// <summary>Whether a search is to find exactly the nearest rows.</summary>
    public bool IsExact => _options.Exact || _options.Recall >= 1;

    /// <summary>Whether <see cref="Run"/> looks at recent rows too, those of the cells that it scans; else the caller scans all of them.</summary>
    public bool FindsRecent { get; }

    private double Recall => 1 - ((1 - _options.Recall) * (_accepted is null ? 1 : MissedWithFilter));

    public void Run(SearchScratch scratch, ref TopK best)
    {
        Int8Query codes = SignedQuery.Attach(new Int8Query(scratch.Query, scratch.Stride, scratch.Words, _all.Vectors.LengthError), scratch.Stride, scratch.Cells.Signed);
        IReadOnlyList<PartitionRange> partitions = _rows.Base.Schema.Partitions;
        for (int i = 0; i < partitions.Count; i++)
        {
            PartitionRange partition = partitions[i];
            if (partition.Count == 0 || partition.Start < _all.Start || partition.End > _all.End)
            {
                continue;
            }

            ScanRange range = _all with { Start = partition.Start, End = partition.End };
            bool isLarge = best.Capacity <= partition.Count / LargestShareByIndex;
            if (isLarge && _rows.Base.Cells(i) is CellIndex cells)
            {
                SearchCells(i, cells, range, scratch, codes, ref best);
            }
            else if (isLarge && _rows.Base.Graph(i) is HnswGraph graph && !IsExact)
            {
                SearchGraph(graph, i, range, scratch, codes, ref best);
            }
            else
            {
                Scan(range, scratch, codes, ref best);
            }
        }

        if (FindsRecent)
        {
            ScoreRecent(_rows.RecentCells!.NewestOutside, scratch, ref best);

            // What the radius of a cell says does not hold for recent rows.
            scratch.Tally?.MayMiss();
        }
    }

    private static void Scan(in ScanRange range, SearchScratch scratch, in Int8Query codes, ref TopK best)
    {
        FlatSearcher.Scan(range, scratch.Query, codes, ref best);
        scratch.Tally?.AddScan(range);
    }

    /// <summary>The rows of the smallest partition wanted that has cells.</summary>
    private int SmallestPartition()
    {
        int smallest = int.MaxValue;
        IReadOnlyList<PartitionRange> partitions = _rows.Base.Schema.Partitions;
        for (int i = 0; i < partitions.Count; i++)
        {
            bool isWanted = partitions[i].Start >= _all.Start && partitions[i].End <= _all.End;
            smallest = isWanted && _rows.Base.Cells(i) is not null ? Math.Min(smallest, partitions[i].Count) : smallest;
        }

        return smallest;
    }

    private void SearchCells(int partition, CellIndex cells, in ScanRange range, SearchScratch scratch, in Int8Query codes, ref TopK best)
    {
        CellSelection? selection = _accepted?.Selection(cells, range.Alive);
        if (selection?.Rows is int[] rows)
        {
            new CellRows(range, scratch, codes, isFull: true).ScoreList(rows, ref best);
            scratch.Tally?.AddRows(rows.Length);
            return;
        }

        var searcher = new CellSearcher(cells, range, scratch, codes, selection, _rows.DeadBase == 0 && selection is null);
        if (IsExact)
        {
            searcher.RunExact(ref best);
        }
        else if (_options.Probes is int probes)
        {
            searcher.RunProbes(probes, ref best);
        }
        else
        {
            searcher.Run(cells.Margins.For(Recall), ref best);
        }

        if (FindsRecent)
        {
            ScoreRecentOfCells(partition, cells, scratch, ref best);
        }

        if (scratch.Tally is SearchTally tally)
        {
            searcher.Report(tally, IsExact, best.Threshold);
        }

        // The searcher has pointers into it, and another thread may put another filter in its place meanwhile.
        GC.KeepAlive(selection);
    }

    /// <summary>Scores the recent rows of the cells that were scanned.</summary>
    private void ScoreRecentOfCells(int partition, CellIndex cells, SearchScratch scratch, ref TopK best)
    {
        for (int word = 0; word < VectorLayout.Words(cells.CellCount); word++)
        {
            for (ulong scanned = scratch.Cells.Scanned[word]; scanned != 0; scanned &= scanned - 1)
            {
                int cell = (word << 6) + BitOperations.TrailingZeroCount(scanned);
                ScoreRecent(_rows.RecentCells!.Newest(partition, cell), scratch, ref best);
            }
        }
    }

    /// <summary>Scores a chain of recent rows.</summary>
    private void ScoreRecent(int row, SearchScratch scratch, ref TopK best)
    {
        int compared = 0;
        for (; row >= 0; row = _rows.RecentCells!.Previous(row))
        {
            bool isWanted = _rows.AliveRecent[row] && (_recent.Partition < 0 || _rows.Recent.Partition(row) == _recent.Partition);
            float similarity = isWanted ? _recent.Vectors.Similarity(row, scratch.Query) : float.NegativeInfinity;
            compared += isWanted ? 1 : 0;
            if (isWanted && similarity >= best.Threshold)
            {
                best.Offer(new Neighbor(_recent.FirstOrdinal + row, similarity));
            }
        }

        scratch.Tally?.AddRows(compared);
    }

    private void SearchGraph(HnswGraph graph, int partition, in ScanRange range, SearchScratch scratch, in Int8Query codes, ref TopK best)
    {
        bool isFull = _rows.DeadBase == 0 && _accepted is null;
        int wanted = isFull ? range.End - range.Start : _rows.Wanted(_accepted, range.Start, range.End);
        int ef = _options.EfSearch ?? (int)Math.Ceiling(_rows.Base.EfSearch(partition).For(Recall));
        if (!isFull && FilterPlan.PrefersScan(wanted, range.End - range.Start, ef))
        {
            Scan(range, scratch, codes, ref best);
            return;
        }

        Span<Neighbor> found = scratch.Found(best.Capacity);
        int count;
        fixed (ulong* alive = range.Alive)
        fixed (ulong* accepted = range.Accepted)
        {
            RowFilter filter = isFull ? default : new RowFilter(_rows.DeadBase == 0 ? null : alive, accepted, range.Start);
            count = HnswSearcher.Search(
                graph,
                range.Vectors.From(range.Start),
                range.FirstOrdinal + range.Start,
                scratch.Query,
                HnswSearchSettings.Of(ef),
                filter,
                FilterPlan.PoolSize(wanted, range.End - range.Start, ef),
                scratch.Hnsw,
                found);
        }

        if (count < Math.Min(found.Length, wanted))
        {
            // The walk did not reach as many rows as there are.
            Scan(range, scratch, codes, ref best);
            return;
        }

        if (scratch.Tally is SearchTally tally)
        {
            tally.AddRows(scratch.Hnsw.Visited.Met(graph.Count));
            tally.MayMiss();
        }

        foreach (Neighbor row in found[..count])
        {
            best.Offer(row);
        }
    }
}

using Clss.Index.Cells;
using Clss.Index.Metadata;
using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>What a search scans: the wanted rows of the generation, then the recent rows.</summary>
internal readonly unsafe struct SearchPlan
{
    private readonly RowSet _rows;
    private readonly PartitionSearcher _partitions;

    public SearchPlan(RowSet rows, SearchOptions options, AcceptedRows? accepted)
    {
        int partition = options.Partition is null ? -1 : rows.PartitionId(options.Partition);
        bool isKnown = options.Partition is null || partition >= 0;
        Generation generation = rows.Base;
        (int start, int end) = (0, generation.Rows);
        if (options.Partition is not null)
        {
            (start, end) = isKnown && partition < generation.Schema.Partitions.Count
                ? (generation.Schema.Partitions[partition].Start, generation.Schema.Partitions[partition].End)
                : (0, 0);
        }

        _rows = rows;
        Precision = options.Precision;
        Base = new ScanRange
        {
            Vectors = generation.Vectors,
            Codes = generation.Codes,
            Scales = generation.Scales,
            Stride = generation.Stride,
            FirstOrdinal = 0,
            Start = start,
            End = end,
            Alive = rows.AliveBase.Words,
            Accepted = accepted?.Base,
            Partition = -1,
        };
        Recent = new ScanRange
        {
            Vectors = new StoredVectors(rows.Recent.Vectors.Pointer, generation.Stride, generation.Vectors.LengthError),
            Stride = generation.Stride,
            FirstOrdinal = generation.Rows,
            Start = 0,
            End = isKnown ? rows.Recent.Count : 0,
            Alive = rows.AliveRecent.Words,
            Accepted = accepted?.Recent,
            Mixed = rows.Recent,
            Partition = partition,
        };
        _partitions = new PartitionSearcher(rows, options, accepted, Base, Recent);
    }

    public ScanPrecision Precision { get; }

    public ScanRange Base { get; }

    /// <summary>Recent rows have no codes: they are scanned in float32 at either precision.</summary>
    public ScanRange Recent { get; }

    /// <summary>Searches for one query.</summary>
    public void Run(SearchScratch scratch, ref TopK best)
    {
        if (_rows.Base.HasIndex && Precision == ScanPrecision.Int8)
        {
            _partitions.Run(scratch, ref best);
        }
        else if (Precision == ScanPrecision.Int8)
        {
            FlatSearcher.Scan(Base, scratch.Query, new Int8Query(scratch.Query, scratch.Stride, scratch.Words, Base.Vectors.LengthError), ref best);
            scratch.Tally?.AddScan(Base);
        }
        else
        {
            FlatSearcher.Scan(Base, scratch.Query, Base.Vectors.NeedsRoom ? scratch.Tile : null, ref best);
            scratch.Tally?.AddScan(Base);
        }

        if (!_partitions.FindsRecent)
        {
            FlatSearcher.Scan(Recent, scratch.Query, null, ref best);
            scratch.Tally?.AddScan(Recent);
        }
    }

    /// <summary>Whether a search reads every row that it may return.</summary>
    private bool IsExhaustive => !_rows.Base.HasIndex || Precision != ScanPrecision.Int8 || _partitions.IsExact;

    /// <summary>Searches for many queries [n, dimension].</summary>
    public void RunBatch(ReadOnlySpan<float> vectors, int dimension, int k, Span<Neighbor> neighbors, Span<int> counts, int threads, SearchScratchPool scratch)
    {
        if (!IsExhaustive)
        {
            new CellBatchSearcher(this, _rows, scratch).Run(vectors, dimension, k, neighbors, counts, threads);
            return;
        }

        using var queries = new QueryGroups(Base.Stride, counts.Length, Base.Vectors.LengthError);
        for (int i = 0; i < counts.Length; i++)
        {
            var destination = new Span<float>(queries.Rows + ((long)i * Base.Stride), dimension);
            UnitVector.Normalize(vectors.Slice(i * dimension, dimension), destination, "Query", i);
        }

        queries.Prepare();
        counts.Clear();
        fixed (Neighbor* neighborPointer = neighbors)
        fixed (int* countPointer = counts)
        {
            new FlatBatchSearcher(this, queries, k).Run(threads, neighborPointer, countPointer);
        }
    }
}

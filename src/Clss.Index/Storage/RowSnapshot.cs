namespace Clss.Index.Storage;

/// <summary>
/// The rows of a collection at one moment. They stay as they were, and readable by another thread, while the collection changes or is closed,
/// until this is disposed of.
/// </summary>
internal sealed class RowSnapshot : RowReader, IDisposable
{
    private readonly ulong[] _aliveBase;
    private readonly ulong[] _aliveRecent;
    private readonly int[] _partitionCounts;
    private bool _disposed;

    public RowSnapshot(RowSet rows, IReadOnlyList<ColumnDefinition> columns, int[] partitionCounts)
        : base(rows.Base.Hold())
    {
        Recent = rows.ViewRecent();
        Columns = columns;
        Count = rows.Count;
        _partitionCounts = partitionCounts;
        _aliveBase = [.. rows.AliveBase.Words];
        _aliveRecent = [.. rows.AliveRecent.Words];
    }

    public RecentView Recent { get; }

    public override IReadOnlyList<ColumnDefinition> Columns { get; }

    public override IReadOnlyList<string> PartitionNames => Recent.PartitionNames;

    /// <summary>Rows that are alive.</summary>
    public int Count { get; }

    /// <summary>Ordinals in use, those of dead rows included.</summary>
    public int Ordinals => Base.Rows + Recent.Count;

    public bool IsAlive(int ordinal) => ordinal < Base.Rows ? IsSet(_aliveBase, ordinal) : IsSet(_aliveRecent, ordinal - Base.Rows);

    /// <summary>
    /// The living rows by partition, then by age: the order in which a new generation stores them. Partitions without rows can be kept, for the
    /// place they have among the others.
    /// </summary>
    public (int[] Order, IReadOnlyList<PartitionRange> Partitions) StorageOrder(bool keepEmptyPartitions)
    {
        Base.CheckWriteOrder();
        var order = new int[Count];
        var ranges = new List<PartitionRange>();
        var next = new int[_partitionCounts.Length];
        int start = 0;
        for (int id = 0; id < next.Length; id++)
        {
            next[id] = start;
            if (keepEmptyPartitions || _partitionCounts[id] > 0)
            {
                ranges.Add(new PartitionRange(PartitionNames[id], start, _partitionCounts[id]));
            }

            start += _partitionCounts[id];
        }

        for (int id = 0; id < Base.Schema.Partitions.Count; id++)
        {
            PartitionRange range = Base.Schema.Partitions[id];
            for (int place = range.Start; place < range.End; place++)
            {
                int row = Base.RowWrittenAt(place);
                if (IsSet(_aliveBase, row))
                {
                    order[next[id]++] = row;
                }
            }
        }

        for (int row = 0; row < Recent.Count; row++)
        {
            if (IsSet(_aliveRecent, row))
            {
                order[next[Recent.Partition(row)]++] = Base.Rows + row;
            }
        }

        return (order, ranges);
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Recent.Dispose();
            Base.Dispose();
        }
    }

    protected override int RecentPartition(int row) => Recent.Partition(row);

    protected override string RecentKey(int row) => Recent.Key(row);

    protected override ReadOnlySpan<float> RecentVector(int row) => Recent.Vector(row);

    protected override MetadataValue RecentValue(int row, int column) => Recent.Value(row, column);

    private static bool IsSet(ulong[] words, int row) => (words[row >> 6] & (1UL << row)) != 0;
}

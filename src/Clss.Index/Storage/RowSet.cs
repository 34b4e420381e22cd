using Clss.Index.Cells;
using Clss.Index.Metadata;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>
/// All rows of an open collection: those of the generation on disk, those written since, and which of both are alive.
/// Ordinals count the generation's rows first, then the recent ones; a replaced row keeps its ordinal and is dead.
/// </summary>
internal sealed class RowSet : RowReader, IDisposable
{
    private readonly List<ColumnDefinition> _columns;
    private readonly ChunkedList<string> _partitionNames = new();
    private readonly List<int> _partitionCounts = [];
    private readonly Dictionary<string, int> _partitionIds = new(StringComparer.Ordinal);

    /// <summary>The rows of a generation, which from now on belongs to them.</summary>
    public RowSet(Generation generation)
        : base(generation)
    {
        Recent = new RecentRows(generation.Schema.Dimension);
        RecentCells = generation.FirstCells is null ? null : new RecentCells(generation);
        AliveBase = new RowBitmap(generation.Rows, set: true);
        AliveRecent = new RowBitmap(0, set: false);
        Count = generation.Rows;
        _columns = [.. generation.Schema.Columns];
        foreach (PartitionRange partition in generation.Schema.Partitions)
        {
            _partitionCounts[AddPartition(partition.Name)] = partition.Count;
        }
    }

    public RecentRows Recent { get; }

    public RowBitmap AliveBase { get; }

    public RowBitmap AliveRecent { get; }

    /// <summary>Rows that are alive.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of the generation that are dead.</summary>
    public int DeadBase { get; private set; }

    /// <summary>How many living rows of a run of the generation a filter accepts.</summary>
    public int Wanted(AcceptedRows? accepted, int start, int end) =>
        accepted is null ? BitRuns.Count(AliveBase.Words, null, start, end) : accepted.Count(AliveBase.Words, start, end);

    /// <summary>Ordinals in use, those of dead rows included.</summary>
    public int Ordinals => Base.Rows + Recent.Count;

    /// <summary>Changes with every change of the rows.</summary>
    public long Version { get; private set; }

    public override IReadOnlyList<ColumnDefinition> Columns => _columns;

    public override IReadOnlyList<string> PartitionNames => _partitionNames;

    public int PartitionCount(int partition) => _partitionCounts[partition];

    /// <summary>The number of a partition, or -1.</summary>
    public int PartitionId(string name) => _partitionIds.GetValueOrDefault(name, -1);

    public int AddPartition(string name)
    {
        if (!_partitionIds.TryGetValue(name, out int id))
        {
            id = _partitionNames.Count;
            _partitionIds.Add(name, id);
            _partitionNames.Add(name);
            _partitionCounts.Add(0);
        }

        return id;
    }

    public bool IsAlive(int ordinal) => ordinal < Base.Rows ? AliveBase[ordinal] : AliveRecent[ordinal - Base.Rows];

    public int ColumnIndex(string name) => _columns.FindIndex(column => string.Equals(column.Name, name, StringComparison.Ordinal));

    public void AddColumns(IEnumerable<ColumnDefinition> columns)
    {
        _columns.AddRange(columns);
        Version++;
    }

    /// <summary>The living rows with a key, in every partition (-1) or one.</summary>
    public int Find(string key, int partition)
    {
        byte[] utf8 = TextEncoding.Encode(key);
        for (int row = Recent.NewestOfKey(key); row >= 0; row = Recent.PreviousOfKey(row))
        {
            if (AliveRecent[row] && (partition < 0 || Recent.Partition(row) == partition))
            {
                return Base.Rows + row;
            }
        }

        ulong hash = KeyHash.Compute(utf8);
        long probe = 0;
        for (int row = Base.FindKey(utf8, hash, ref probe); row >= 0; row = Base.FindKey(utf8, hash, ref probe))
        {
            if (AliveBase[row] && (partition < 0 || Base.PartitionOf(row) == partition))
            {
                return row;
            }
        }

        return -1;
    }

    /// <summary>The cells of the recent rows, where the generation has cells.</summary>
    public RecentCells? RecentCells { get; }

    /// <summary>Writes a row, in place of the one with the same identity where there is one. The vector has unit length.</summary>
    public int Upsert(string partition, string key, ReadOnlySpan<float> vector, MetadataValue[] metadata)
    {
        int id = AddPartition(partition);
        int existing = Find(key, id);
        if (Ordinals == int.MaxValue)
        {
            throw new ClssIndexException($"A collection holds at most {int.MaxValue} rows. Divide the data between several collections.");
        }

        int row = Recent.Add(id, key, vector, metadata);
        RecentCells?.Add(row, id, vector);
        AliveRecent[row] = true;
        Count++;
        _partitionCounts[id]++;
        Version++;
        if (existing >= 0)
        {
            Remove(existing);
        }

        return row;
    }

    /// <summary>Removes a living row.</summary>
    public void Remove(int ordinal)
    {
        _partitionCounts[PartitionOf(ordinal)]--;
        if (ordinal < Base.Rows)
        {
            AliveBase[ordinal] = false;
            DeadBase++;
        }
        else
        {
            AliveRecent[ordinal - Base.Rows] = false;
        }

        Count--;
        Version++;
    }

    /// <summary>The rows as they are now, to be read while these change. To be disposed of by the caller.</summary>
    public RowSnapshot Snapshot() => new(this, [.. _columns], [.. _partitionCounts]);

    /// <summary>The recent rows as they are now. To be disposed of by the caller.</summary>
    public RecentView ViewRecent() => Recent.View(_partitionNames.Prefix());

    public void Dispose()
    {
        RecentCells?.Dispose();
        Recent.Dispose();
        Base.Dispose();
    }

    protected override int RecentPartition(int row) => Recent.Partition(row);

    protected override string RecentKey(int row) => Recent.Key(row);

    protected override ReadOnlySpan<float> RecentVector(int row) => Recent.Vectors.Row(row);

    protected override MetadataValue RecentValue(int row, int column) => Recent.Value(row, column);
}

using Clss.Index.Metadata;

namespace Clss.Index.Storage;

/// <summary>
/// All rows of an open collection: those of the generation on disk, those written since, and which of both are alive.
/// Ordinals count the generation's rows first, then the recent ones; a replaced row keeps its ordinal and is dead.
/// </summary>
internal sealed class RowSet : IDisposable
{
    private readonly List<ColumnDefinition> _columns;
    private readonly List<string> _partitionNames = [];
    private readonly List<int> _partitionCounts = [];
    private readonly Dictionary<string, int> _partitionIds = new(StringComparer.Ordinal);

    public RowSet(Generation generation)
    {
        Base = generation;
        Recent = new RecentRows(generation.Schema.Dimension);
        AliveBase = new RowBitmap(generation.Rows, set: true);
        AliveRecent = new RowBitmap(0, set: false);
        Count = generation.Rows;
        _columns = [.. generation.Schema.Columns];
        foreach (PartitionRange partition in generation.Schema.Partitions)
        {
            _partitionCounts[AddPartition(partition.Name)] = partition.Count;
        }
    }

    public Generation Base { get; }

    public RecentRows Recent { get; }

    public RowBitmap AliveBase { get; }

    public RowBitmap AliveRecent { get; }

    /// <summary>Rows that are alive.</summary>
    public int Count { get; private set; }

    /// <summary>Rows of the generation that are dead.</summary>
    public int DeadBase { get; private set; }

    /// <summary>Ordinals in use, those of dead rows included.</summary>
    public int Ordinals => Base.Rows + Recent.Count;

    /// <summary>Changes with every change of the rows.</summary>
    public long Version { get; private set; }

    public IReadOnlyList<ColumnDefinition> Columns => _columns;

    public IReadOnlyList<string> PartitionNames => _partitionNames;

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

    public int PartitionOf(int ordinal) => ordinal < Base.Rows ? Base.PartitionOf(ordinal) : Recent.Partition(ordinal - Base.Rows);

    public string Key(int ordinal) => ordinal < Base.Rows ? Base.Key(ordinal) : Recent.Key(ordinal - Base.Rows);

    public ReadOnlySpan<float> Vector(int ordinal) =>
        ordinal < Base.Rows ? Base.Vector(ordinal) : Recent.Vectors.Row(ordinal - Base.Rows);

    public MetadataValue Value(int ordinal, int column) =>
        ordinal < Base.Rows ? Base.Column(column)?.Read(ordinal) ?? MetadataValue.Missing : Recent.Value(ordinal - Base.Rows, column);

    /// <summary>The values that a row has, by column name.</summary>
    public Dictionary<string, MetadataValue> Metadata(int ordinal)
    {
        var metadata = new Dictionary<string, MetadataValue>(StringComparer.Ordinal);
        for (int column = 0; column < _columns.Count; column++)
        {
            MetadataValue value = Value(ordinal, column);
            if (!value.IsMissing)
            {
                metadata.Add(_columns[column].Name, value);
            }
        }

        return metadata;
    }

    /// <summary>A row as an entry.</summary>
    public VectorEntry Entry(int ordinal) => new()
    {
        Key = Key(ordinal),
        Partition = _partitionNames[PartitionOf(ordinal)],
        Vector = Vector(ordinal).ToArray(),
        Metadata = Metadata(ordinal),
    };

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

    /// <summary>The ordinal at a place in the order of writing.</summary>
    public int OrdinalWrittenAt(int place) => place < Base.Rows ? Base.RowWrittenAt(place) : place;

    /// <summary>The living rows by partition, then by age: the order in which a new generation stores them.</summary>
    public (int[] Order, IReadOnlyList<PartitionRange> Partitions) StorageOrder()
    {
        Base.CheckWriteOrder();
        var order = new int[Count];
        var ranges = new List<PartitionRange>();
        var next = new int[_partitionNames.Count];
        int start = 0;
        for (int id = 0; id < _partitionNames.Count; id++)
        {
            next[id] = start;
            if (_partitionCounts[id] > 0)
            {
                ranges.Add(new PartitionRange(_partitionNames[id], start, _partitionCounts[id]));
            }

            start += _partitionCounts[id];
        }

        for (int id = 0; id < Base.Schema.Partitions.Count; id++)
        {
            PartitionRange range = Base.Schema.Partitions[id];
            for (int place = range.Start; place < range.End; place++)
            {
                int row = Base.RowWrittenAt(place);
                if (AliveBase[row])
                {
                    order[next[id]++] = row;
                }
            }
        }

        for (int row = 0; row < Recent.Count; row++)
        {
            if (AliveRecent[row])
            {
                order[next[Recent.Partition(row)]++] = Base.Rows + row;
            }
        }

        return (order, ranges);
    }

    public void Dispose()
    {
        Recent.Dispose();
        Base.Dispose();
    }
}

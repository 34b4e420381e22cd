using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>Rows written since the generation, in memory, in the order of writing.</summary>
internal sealed class RecentRows : IDisposable
{
    private readonly List<string> _keys = [];
    private readonly List<int> _partitions = [];
    private readonly List<MetadataValue[]> _metadata = [];

    // Rows of the same key, newest first: the head by key, then each row's predecessor, or -1.
    private readonly Dictionary<string, int> _newestByKey = new(StringComparer.Ordinal);
    private readonly List<int> _previousOfKey = [];

    public RecentRows(int dimension) => Vectors = new VectorBlock(dimension);

    public int Count => _keys.Count;

    public VectorBlock Vectors { get; }

    public string Key(int row) => _keys[row];

    public int Partition(int row) => _partitions[row];

    public MetadataValue Value(int row, int column) =>
        column < _metadata[row].Length ? _metadata[row][column] : MetadataValue.Missing;

    /// <summary>The newest row of a key, or -1; older ones follow by <see cref="PreviousOfKey"/>.</summary>
    public int NewestOfKey(string key) => _newestByKey.GetValueOrDefault(key, -1);

    public int PreviousOfKey(int row) => _previousOfKey[row];

    /// <summary>Appends a row. The vector has unit length.</summary>
    public int Add(int partition, string key, ReadOnlySpan<float> vector, MetadataValue[] metadata)
    {
        int row = Count;
        vector.CopyTo(Vectors.Add());
        _previousOfKey.Add(NewestOfKey(key));
        _newestByKey[key] = row;
        _keys.Add(key);
        _partitions.Add(partition);
        _metadata.Add(metadata);
        return row;
    }

    public void Dispose() => Vectors.Dispose();
}

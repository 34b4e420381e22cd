using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>
/// Rows written since the generation, in memory, in the order of writing. One thread adds; what was there before can be read meanwhile by a
/// <see cref="RecentView"/>.
/// </summary>
internal sealed class RecentRows : IDisposable
{
    private readonly ChunkedList<string> _keys = new();
    private readonly ChunkedList<int> _partitions = new();
    private readonly ChunkedList<MetadataValue[]> _metadata = new();

    // Rows of the same key, newest first: the head by key, then each row's predecessor, or -1.
    private readonly Dictionary<string, int> _newestByKey = new(StringComparer.Ordinal);
    private readonly ChunkedList<int> _previousOfKey = new();

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

    /// <summary>The rows there are now, to be read while others are added.</summary>
    public RecentView View(ListPrefix<string> partitionNames) => new(_keys.Prefix(), _partitions.Prefix(), _metadata.Prefix(), Vectors, partitionNames);

    public void Dispose() => Vectors.Dispose();
}

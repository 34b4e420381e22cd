using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>The recent rows up to a count. They stay as they are while rows are added after them, so another thread may read them.</summary>
internal sealed unsafe class RecentView : IDisposable
{
    private readonly ListPrefix<string> _keys;
    private readonly ListPrefix<int> _partitions;
    private readonly ListPrefix<MetadataValue[]> _metadata;
    private readonly int _dimension;
    private readonly int _stride;
    private VectorMemory? _vectors;

    public RecentView(ListPrefix<string> keys, ListPrefix<int> partitions, ListPrefix<MetadataValue[]> metadata, VectorBlock vectors, ListPrefix<string> partitionNames)
    {
        _keys = keys;
        _partitions = partitions;
        _metadata = metadata;
        _dimension = vectors.Dimension;
        _stride = vectors.Stride;
        _vectors = vectors.Memory?.Hold();
        PartitionNames = partitionNames;
    }

    public int Count => _keys.Count;

    /// <summary>The names of all partitions, by number.</summary>
    public ListPrefix<string> PartitionNames { get; }

    /// <summary>The first row's elements [count, stride]; null while there is none.</summary>
    public float* Vectors => _vectors is null ? null : _vectors.Pointer;

    public string Key(int row) => _keys[row];

    public int Partition(int row) => _partitions[row];

    /// <summary>The values by column; columns that are newer than the row are left out.</summary>
    public MetadataValue[] Metadata(int row) => _metadata[row];

    public MetadataValue Value(int row, int column) => column < _metadata[row].Length ? _metadata[row][column] : MetadataValue.Missing;

    public ReadOnlySpan<float> Vector(int row) => new(Vectors + ((long)row * _stride), _dimension);

    public void Dispose()
    {
        _vectors?.Release();
        _vectors = null;
    }
}

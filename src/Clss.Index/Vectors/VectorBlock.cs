namespace Clss.Index.Vectors;

/// <summary>
/// Vectors in native memory, 64-byte aligned rows of a padded length, growing in whole tiles. Padding is zero. Growing moves the rows; who holds
/// the <see cref="Memory"/> from before keeps the rows that were there.
/// </summary>
internal sealed unsafe class VectorBlock : IDisposable
{
    private VectorMemory? _memory;

    public VectorBlock(int dimension)
    {
        Dimension = dimension;
        Stride = VectorLayout.Stride(dimension);
    }

    public int Dimension { get; }

    public int Stride { get; }

    public int Count { get; private set; }

    /// <summary>The first row; null while there is none.</summary>
    public float* Pointer => _memory is null ? null : _memory.Pointer;

    /// <summary>Where the rows are now; null while there is none.</summary>
    public VectorMemory? Memory => _memory;

    /// <summary>Appends a row of zeros and returns its elements [dimension] to be filled.</summary>
    public Span<float> Add()
    {
        if (_memory is null || Count == _memory.Rows)
        {
            Grow();
        }

        return Row(Count++);
    }

    /// <summary>The elements of a row [dimension].</summary>
    public Span<float> Row(int row) => new(Pointer + ((long)row * Stride), Dimension);

    public void Dispose()
    {
        _memory?.Release();
        _memory = null;
        Count = 0;
    }

    private void Grow()
    {
        long rows = _memory?.Rows ?? 0;
        VectorMemory? before = _memory;
        _memory = new VectorMemory(VectorLayout.PaddedRows(Math.Max(VectorLayout.TileRows, rows + (rows / 2))), Stride, before);
        before?.Release();
    }
}

using System.Runtime.InteropServices;

namespace Clss.Index.Vectors;

/// <summary>Vectors in native memory, 64-byte aligned rows of a padded length, growing in whole tiles. Padding is zero.</summary>
internal sealed unsafe class VectorBlock : IDisposable
{
    private const nuint Alignment = 64;

    private float* _memory;
    private long _capacity;

    public VectorBlock(int dimension)
    {
        Dimension = dimension;
        Stride = VectorLayout.Stride(dimension);
    }

    public int Dimension { get; }

    public int Stride { get; }

    public int Count { get; private set; }

    /// <summary>The first row; null while there is none.</summary>
    public float* Pointer => _memory;

    /// <summary>Appends a row of zeros and returns its elements [dimension] to be filled.</summary>
    public Span<float> Add()
    {
        if (Count == _capacity)
        {
            Grow();
        }

        return Row(Count++);
    }

    /// <summary>Takes back the row added last.</summary>
    public void RemoveLast()
    {
        Count--;
        Row(Count).Clear();
    }

    /// <summary>The elements of a row [dimension].</summary>
    public Span<float> Row(int row) => new(_memory + ((long)row * Stride), Dimension);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacity = 0;
        Count = 0;
    }

    private void Grow()
    {
        long capacity = Math.Max(VectorLayout.TileRows, _capacity + (_capacity / 2));
        capacity = VectorLayout.PaddedRows(capacity);
        nuint rowBytes = (nuint)Stride * sizeof(float);
        _memory = (float*)NativeMemory.AlignedRealloc(_memory, (nuint)capacity * rowBytes, Alignment);
        NativeMemory.Clear(_memory + (_capacity * Stride), (nuint)(capacity - _capacity) * rowBytes);
        _capacity = capacity;
    }
}

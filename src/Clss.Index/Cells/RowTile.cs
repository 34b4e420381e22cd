using System.Runtime.InteropServices;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>64 rows on their way to their nearest centroids: gathered, transposed, and the best so far of each. One thread's working memory.</summary>
internal sealed unsafe class RowTile : IDisposable
{
    public const int Rows = VectorLayout.TileRows;

    private const nuint Alignment = 64;

    private readonly int _stride;
    private float* _gathered;
    private float* _tile;
    private float* _best;
    private int* _nearest;

    public RowTile(int stride)
    {
        _stride = stride;
        nuint bytes = (nuint)Rows * (nuint)stride * sizeof(float);
        _gathered = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        _tile = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        _best = (float*)NativeMemory.AlignedAlloc(Rows * sizeof(float), Alignment);
        _nearest = (int*)NativeMemory.AlignedAlloc(Rows * sizeof(int), Alignment);
    }

    /// <summary>The nearest centroid of each row [64] so far.</summary>
    public ReadOnlySpan<int> Nearest => new(_nearest, Rows);

    /// <summary>Takes up to 64 rows; the rest of the tile repeats the first.</summary>
    public void Load(in RowSource rows, ReadOnlySpan<int> ids)
    {
        for (int i = 0; i < Rows; i++)
        {
            rows.CopyTo(ids[i < ids.Length ? i : 0], new Span<float>(_gathered + ((long)i * _stride), _stride));
        }

        Float32BatchKernel.Transpose(_gathered, _stride, _tile);
        new Span<float>(_best, Rows).Fill(float.NegativeInfinity);
        new Span<int>(_nearest, Rows).Clear();
    }

    /// <summary>Compares the rows with centroids that count from <paramref name="first"/>.</summary>
    public void Compare(CentroidSet centroids, int first) => centroids.Update(_tile, first, _best, _nearest);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_gathered);
        NativeMemory.AlignedFree(_tile);
        NativeMemory.AlignedFree(_best);
        NativeMemory.AlignedFree(_nearest);
        _gathered = null;
        _tile = null;
        _best = null;
        _nearest = null;
    }
}

using System.Runtime.InteropServices;

namespace Clss.Index.Cells;

/// <summary>
/// Centroids in the form that <see cref="NearestKernel"/> takes: four at a time, element by element. Places past the last are never the nearest.
/// </summary>
internal sealed unsafe class CentroidSet : IDisposable
{
    private const float Never = float.PositiveInfinity;
    private const nuint Alignment = 64;

    private readonly int _stride;
    private float* _quads;
    private float* _halfNorms;

    /// <summary>Takes centroids [count, stride].</summary>
    public CentroidSet(ReadOnlySpan<float> centroids, int stride)
    {
        _stride = stride;
        Count = centroids.Length / stride;
        int places = Quads * NearestKernel.Quad;
        _quads = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(places, 1) * (nuint)stride * sizeof(float), Alignment);
        _halfNorms = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(places, 1) * sizeof(float), Alignment);
        for (int i = 0; i < places; i++)
        {
            double norm = 0;
            float* quad = _quads + ((long)(i / NearestKernel.Quad) * stride * NearestKernel.Quad) + (i % NearestKernel.Quad);
            for (int j = 0; j < stride; j++)
            {
                float value = i < Count ? centroids[(i * stride) + j] : 0;
                norm += (double)value * value;
                quad[j * NearestKernel.Quad] = value;
            }

            _halfNorms[i] = i < Count ? (float)(norm / 2) : Never;
        }
    }

    public int Count { get; }

    private int Quads => (Count + NearestKernel.Quad - 1) / NearestKernel.Quad;

    /// <summary>Compares a transposed tile of rows [stride, 64] with all centroids, which count from <paramref name="first"/>.</summary>
    public void Update(float* tile, int first, float* best, int* nearest)
    {
        for (int quad = 0; quad < Quads; quad++)
        {
            NearestKernel.Update(
                tile,
                _stride,
                _quads + ((long)quad * _stride * NearestKernel.Quad),
                _halfNorms + (quad * NearestKernel.Quad),
                first + (quad * NearestKernel.Quad),
                best,
                nearest);
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_quads);
        NativeMemory.AlignedFree(_halfNorms);
        _quads = null;
        _halfNorms = null;
    }
}

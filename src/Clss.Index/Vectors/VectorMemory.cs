using System.Runtime.InteropServices;

namespace Clss.Index.Vectors;

/// <summary>Native memory for rows of floats, zero where nothing was written, freed when the last of its holders lets go.</summary>
internal sealed unsafe class VectorMemory
{
    private const nuint Alignment = 64;

    private int _holders = 1;

    /// <summary>Memory for so many rows, which begins with all rows of <paramref name="first"/>.</summary>
    public VectorMemory(long rows, int stride, VectorMemory? first)
    {
        Rows = rows;
        nuint rowBytes = (nuint)stride * sizeof(float);
        nuint copied = (nuint)(first?.Rows ?? 0) * rowBytes;
        nuint bytes = (nuint)rows * rowBytes;
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        if (first is not null)
        {
            NativeMemory.Copy(first.Pointer, Pointer, copied);
        }

        NativeMemory.Clear((byte*)Pointer + copied, bytes - copied);
    }

    public float* Pointer { get; private set; }

    public long Rows { get; }

    /// <summary>One holder more. Only a holder may call this.</summary>
    public VectorMemory Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>One holder less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            NativeMemory.AlignedFree(Pointer);
            Pointer = null;
        }
    }
}

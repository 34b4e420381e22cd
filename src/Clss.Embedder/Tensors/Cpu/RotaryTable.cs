using System.Runtime.InteropServices;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Cosines and sines of all positions so far asked for, [positions, head size / 2].</summary>
internal sealed unsafe class RotaryTable(int headSize) : IDisposable
{
    /// <summary>The base of the wavelengths: Su et al., arXiv:2104.09864.</summary>
    private const double Base = 10000.0;

    private int _positions;

    public float* Cosines { get; private set; }

    public float* Sines { get; private set; }

    /// <summary>Makes the table reach to a number of positions.</summary>
    public void Extend(int positions)
    {
        if (positions <= _positions)
        {
            return;
        }

        int half = headSize / 2;
        positions = Math.Max(positions, 2 * _positions);
        nuint bytes = (nuint)positions * (nuint)half * sizeof(float);
        Cosines = (float*)NativeMemory.AlignedRealloc(Cosines, bytes, TensorArena.Alignment);
        Sines = (float*)NativeMemory.AlignedRealloc(Sines, bytes, TensorArena.Alignment);
        for (int j = 0; j < half; j++)
        {
            // Frequencies and angles in single precision, as the original has them: at position 30,000 that matters.
            float frequency = 1f / (float)Math.Pow(Base, 2.0 * j / headSize);
            for (int position = _positions; position < positions; position++)
            {
                (double sine, double cosine) = Math.SinCos(position * frequency);
                Cosines[((nint)position * half) + j] = (float)cosine;
                Sines[((nint)position * half) + j] = (float)sine;
            }
        }

        _positions = positions;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Cosines);
        NativeMemory.AlignedFree(Sines);
        Cosines = null;
        Sines = null;
        _positions = 0;
    }
}

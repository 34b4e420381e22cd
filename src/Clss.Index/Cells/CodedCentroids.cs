using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// The centroids of cells or of groups as a search reads them: 8-bit codes, and of each centroid the spread of its rows. Made from the stored floats
/// when a collection is opened.
/// </summary>
internal sealed unsafe class CodedCentroids : IDisposable
{
    // A cell of one row, or of equal rows, has no deviation; its code still is not its vector.
    private const float SmallestDeviation = 0.003f;

    private readonly NativeArena _arena;

    /// <summary>Takes centroids [count, stride] and spreads [count, 2]; those without rows get a spread that no limit lets pass.</summary>
    public CodedCentroids(float* centroids, float* spreads, int count, int stride, Func<int, bool> hasRows)
    {
        Count = count;
        Blocks = (count + VectorLayout.CodeBlockRows - 1) / VectorLayout.CodeBlockRows;
        long places = (long)Blocks * VectorLayout.CodeBlockRows;
        long codeBytes = places * stride;
        _arena = new NativeArena(codeBytes + (places * 2 * sizeof(float)) + ((long)Blocks * 2 * sizeof(float)));
        Codes = _arena.Pointer;
        Deviations = (float*)(Codes + codeBytes);
        Radii = Deviations + places;
        Scales = Radii + places;
        Encode(centroids, stride);
        for (int i = 0; i < places; i++)
        {
            bool counts = i < count && spreads is not null && hasRows(i);
            Deviations[i] = counts ? Deviation(spreads[2 * i]) : float.NegativeInfinity;
            Radii[i] = counts ? spreads[(2 * i) + 1] : float.NegativeInfinity;
        }
    }

    public int Count { get; }

    /// <summary>Blocks of 16.</summary>
    public int Blocks { get; }

    public byte* Codes { get; }

    /// <summary>Scale and error of each block.</summary>
    public float* Scales { get; }

    /// <summary>The standard deviation of the rows of each along one direction.</summary>
    public float* Deviations { get; }

    /// <summary>The greatest distance of a row from its centroid.</summary>
    public float* Radii { get; }

    /// <summary>The largest error of a block's codes.</summary>
    public float LargestError { get; private set; }

    public long Bytes => _arena.Bytes;

    /// <summary>The deviation that a search works with, from the stored one.</summary>
    public static float Deviation(float stored) => Math.Max(stored, SmallestDeviation);

    public void Dispose() => _arena.Dispose();

    private void Encode(float* centroids, int stride)
    {
        var rows = new float[VectorLayout.CodeBlockRows * stride];
        for (int block = 0; block < Blocks; block++)
        {
            int first = block * VectorLayout.CodeBlockRows;
            int rowsHere = Math.Min(VectorLayout.CodeBlockRows, Count - first);
            Array.Clear(rows);
            new ReadOnlySpan<float>(centroids + ((long)first * stride), rowsHere * stride).CopyTo(rows);
            fixed (float* pointer = rows)
            {
                (Scales[2 * block], Scales[(2 * block) + 1]) = CodeQuantizer.Encode(pointer, stride, Codes + ((long)first * stride));
            }

            LargestError = Math.Max(LargestError, Scales[(2 * block) + 1]);
        }
    }
}

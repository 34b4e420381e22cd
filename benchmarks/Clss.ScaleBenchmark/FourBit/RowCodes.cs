using System.Numerics.Tensors;
using Clss.Index.Cells;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>Codes of all rows, packed for one kernel. A cell begins with a block of its own, since its residuals belong to its centroid: the last block of a cell is padded.</summary>
internal sealed unsafe class RowCodes : IDisposable
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;

    private readonly NativeArena _arena;
    private readonly int[] _blockStarts;
    private readonly (float InverseNorm, float Along)[] _cells;

    private RowCodes(int[] blockStarts, int blockBytes)
    {
        _blockStarts = blockStarts;
        _cells = new (float, float)[blockStarts.Length - 1];
        long codeBytes = (long)blockStarts[^1] * blockBytes;
        _arena = new NativeArena(codeBytes + (blockStarts[^1] * 2L * sizeof(float)));
        Codes = _arena.Pointer;
        Scales = (float*)(Codes + codeBytes);
    }

    public byte* Codes { get; }

    /// <summary>Scale and error of each block.</summary>
    public float* Scales { get; }

    public long Bytes => _arena.Bytes + (_blockStarts.Length * (long)(sizeof(int) + sizeof(float) + sizeof(float)));

    public static RowCodes Encode<TKernel>(CellIndex index, float* vectors, int threads)
        where TKernel : IRowKernel
    {
        var starts = new int[index.CellCount + 1];
        for (int cell = 0; cell < index.CellCount; cell++)
        {
            starts[cell + 1] = starts[cell] + ((index.CellEnd(cell) - index.CellStart(cell) + Rows - 1) / Rows);
        }

        var codes = new RowCodes(starts, TKernel.BlockBytes);
        Parallel.For(0, index.CellCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, cell => codes.EncodeCell<TKernel>(index, cell, vectors));
        return codes;
    }

    /// <summary>The first block of a cell.</summary>
    public int Start(int cell) => _blockStarts[cell];

    /// <summary>One over the length of a cell's coded centroid, and the bound of its rows' errors along it.</summary>
    public (float InverseNorm, float Along) Cell(int cell) => _cells[cell];

    /// <summary>The mean over the cells of the bound of errors along the centroid.</summary>
    public double MeanAlong() => _cells.Average(cell => (double)cell.Along);

    /// <summary>The mean over the blocks of the error bound of the codes.</summary>
    public double MeanError() => Enumerable.Range(0, _blockStarts[^1]).Average(block => (double)Scales[(2L * block) + 1]);

    public void Dispose() => _arena.Dispose();

    private void EncodeCell<TKernel>(CellIndex index, int cell, float* vectors)
        where TKernel : IRowKernel
    {
        float* centroid = stackalloc float[Stride];
        Decode(index.Cells, cell, centroid);
        float* rows = stackalloc float[Rows * Stride];
        float along = 0;
        (int start, int end) = (index.CellStart(cell), index.CellEnd(cell));
        for (int block = _blockStarts[cell]; block < _blockStarts[cell + 1]; block++, start += Rows)
        {
            for (int row = 0; row < Rows; row++)
            {
                // The last row fills the block, which changes neither scale nor error.
                long source = Math.Min(start + row, end - 1);
                new ReadOnlySpan<float>(vectors + (source * Stride), Stride).CopyTo(new Span<float>(rows + (row * Stride), Stride));
            }

            (Scales[2L * block], Scales[(2L * block) + 1], float ofBlock) = TKernel.Encode(rows, centroid, Codes + ((long)block * TKernel.BlockBytes));
            along = Math.Max(along, ofBlock);
        }

        float norm = TensorPrimitives.Norm(new ReadOnlySpan<float>(centroid, Stride));
        _cells[cell] = (norm > 0 ? 1 / norm : 0, along);
    }

    /// <summary>The centroid that the 8-bit code stands for. Rounding its elements to float moves it by less than 2^-24, which the constant of the bound covers.</summary>
    private static void Decode(CodedCentroids cells, int cell, float* centroid)
    {
        byte* block = cells.Codes + ((long)(cell / Rows) * Rows * Stride);
        float scale = cells.Scales[2L * (cell / Rows)];
        for (int j = 0; j < Stride; j++)
        {
            centroid[j] = scale * (block[(j / 4 * Rows * 4) + (cell % Rows * 4) + (j % 4)] - CodeQuantizer.Bias);
        }
    }
}

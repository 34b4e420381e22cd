using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Small matrices turned on their side.</summary>
internal static unsafe class Transposition
{
    private const int Block = 4;

    /// <summary>destination [columns, rows] = source [rows, columns] transposed.</summary>
    public static void Copy(float* source, nint sourceStride, int rows, int columns, float* destination, nint destinationStride)
    {
        int blockRows = Sse.IsSupported ? rows / Block * Block : 0;
        int blockColumns = columns / Block * Block;
        for (int row = 0; row < blockRows; row += Block)
        {
            for (int column = 0; column < blockColumns; column += Block)
            {
                CopyBlock(source + (row * sourceStride) + column, sourceStride, destination + (column * destinationStride) + row, destinationStride);
            }

            CopyScalar(source, sourceStride, row, row + Block, blockColumns, columns, destination, destinationStride);
        }

        CopyScalar(source, sourceStride, blockRows, rows, 0, columns, destination, destinationStride);
    }

    private static void CopyBlock(float* source, nint sourceStride, float* destination, nint destinationStride)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + (2 * sourceStride)), d = Vector128.Load(source + (3 * sourceStride));
        Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b);
        Vector128<float> cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(abLow, cdLow).Store(destination);
        Sse.MoveHighToLow(cdLow, abLow).Store(destination + destinationStride);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(destination + (2 * destinationStride));
        Sse.MoveHighToLow(cdHigh, abHigh).Store(destination + (3 * destinationStride));
    }

    private static void CopyScalar(
        float* source, nint sourceStride, int rowStart, int rowEnd, int columnStart, int columnEnd, float* destination, nint destinationStride)
    {
        for (int row = rowStart; row < rowEnd; row++)
        {
            for (int column = columnStart; column < columnEnd; column++)
            {
                destination[(column * destinationStride) + row] = source[(row * sourceStride) + column];
            }
        }
    }
}

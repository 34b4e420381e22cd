using Clss.Index.Vectors;

namespace Clss.Index.Hnsw;

/// <summary>
/// 8-bit codes of rows, one after the other, for walks that jump from row to row: element x is the byte round(x/s) + 128, with one scale s for all rows,
/// so that the integer dot products of a query with any two rows compare as their similarities do.
/// </summary>
internal static unsafe class RowCodes
{
    /// <summary>Codes are padded to whole 256-bit registers.</summary>
    public const int StrideUnit = 32;

    public static int Stride(int vectorStride) => (vectorStride + StrideUnit - 1) & -StrideUnit;

    /// <summary>The scale under which no element of the rows [rows, stride] is clipped.</summary>
    public static float Scale(float* vectors, long rows, int stride)
    {
        float largest = 0;
        for (long i = 0; i < rows * stride; i++)
        {
            largest = Math.Max(largest, Math.Abs(vectors[i]));
        }

        return largest > 0 ? largest / CodeQuantizer.MaximumCode : 1f / CodeQuantizer.MaximumCode;
    }

    /// <summary>Encodes one row; elements beyond the scale are clipped. Padding is the code of zero.</summary>
    public static void Encode(float* row, int vectorStride, float scale, byte* codes)
    {
        int stride = Stride(vectorStride);
        for (int i = 0; i < vectorStride; i++)
        {
            codes[i] = (byte)(Quantize(row[i], scale) + CodeQuantizer.Bias);
        }

        for (int i = vectorStride; i < stride; i++)
        {
            codes[i] = CodeQuantizer.Bias;
        }
    }

    /// <summary>The signed code of an element.</summary>
    public static int Quantize(float value, float scale) =>
        (int)MathF.Round(Math.Clamp(value / scale, -CodeQuantizer.MaximumCode, CodeQuantizer.MaximumCode));
}

namespace Clss.Index.Vectors;

/// <summary>
/// 8-bit codes of unit vectors. Blocks of 16 rows share a scale s: element x is stored as the byte round(x/s) + 128, with s the largest
/// magnitude in the block over 127, and the block keeps a bound on the length of the residual, ‖x - s·code‖, over its rows.
/// </summary>
/// <remarks>
/// Bytes of a block are ordered [stride / 4][16 rows][4]: the four bytes that one 32-bit lane of a multiply-add takes, rows in lanes, so that a scan
/// needs no sums across lanes.
/// </remarks>
internal static unsafe class CodeQuantizer
{
    public const int Bias = 128;
    public const int MaximumCode = 127;

    /// <summary>Elements that one 32-bit lane takes at a time.</summary>
    public const int Group = 4;

    // The residual's length is computed in double precision and rounded up by far more than the rounding of that computation.
    private const double RoundUp = 1 + 1e-6;

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(int stride) => stride * VectorLayout.CodeBlockRows;

    /// <summary>Encodes rows [16, stride] into a block of codes; returns its scale and error bound.</summary>
    public static (float Scale, float Error) Encode(float* rows, int stride, byte* codes)
    {
        float largest = 0;
        for (int i = 0; i < VectorLayout.CodeBlockRows * stride; i++)
        {
            largest = Math.Max(largest, Math.Abs(rows[i]));
        }

        float scale = largest > 0 ? largest / MaximumCode : 1;
        double error = 0;
        for (int row = 0; row < VectorLayout.CodeBlockRows; row++)
        {
            error = Math.Max(error, EncodeRow(rows + ((long)row * stride), stride, scale, codes + (row * Group)));
        }

        return (scale, (float)(Math.Sqrt(error) * RoundUp) + float.Epsilon);
    }

    private static double EncodeRow(float* row, int stride, float scale, byte* codes)
    {
        double error = 0;
        for (int i = 0; i < stride; i++)
        {
            int code = Math.Clamp((int)MathF.Round(row[i] / scale), -MaximumCode, MaximumCode);
            double residual = row[i] - ((double)scale * code);
            error += residual * residual;
            codes[(i / Group * VectorLayout.CodeBlockRows * Group) + (i % Group)] = (byte)(code + Bias);
        }

        return error;
    }
}

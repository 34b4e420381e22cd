using System.Runtime.Intrinsics;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// 4-bit codes of residuals: x - centroid is stored as s · (code - 7.5), one scale s for a block of 16 rows. Of several scales the one is taken whose
/// largest error over the rows is least, since a search pays for the bound of the block.
/// </summary>
internal static unsafe class NibbleQuantizer
{
    public const int LargestCode = 15;
    public const float Middle = 7.5f;

    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const double RoundUp = 1 + 1e-6;

    /// <summary>Shares of the range that are tried: cutting off what lies outside costs less than wide steps do.</summary>
    private static ReadOnlySpan<float> Shares => [1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f, 0.6f];

    /// <summary>Encodes rows [16, 32]; writes codes [16, 32], one to a byte, and returns the scale and error bound.</summary>
    public static (float Scale, float Error) Encode(float* rows, float* centroid, byte* codes)
    {
        float* residuals = stackalloc float[Rows * Stride];
        float largest = 0;
        for (int i = 0; i < Rows * Stride; i++)
        {
            residuals[i] = rows[i] - centroid[i % Stride];
            largest = Math.Max(largest, Math.Abs(residuals[i]));
        }

        float scale = 1;
        float least = float.PositiveInfinity;
        foreach (float share in Shares)
        {
            float candidate = largest > 0 ? largest * share / Middle : 1;
            float error = Apply(residuals, candidate, null);
            (scale, least) = error < least ? (candidate, error) : (scale, least);
        }

        _ = Apply(residuals, scale, codes);
        double bound = 0;
        for (int row = 0; row < Rows; row++)
        {
            double error = 0;
            for (int j = 0; j < Stride; j++)
            {
                double difference = rows[(row * Stride) + j] - (centroid[j] + ((double)scale * (codes[(row * Stride) + j] - (double)Middle)));
                error += difference * difference;
            }

            bound = Math.Max(bound, error);
        }

        return (scale, (float)(Math.Sqrt(bound) * RoundUp) + float.Epsilon);
    }

    /// <summary>Writes the codes for a scale, or none, and returns the largest squared error of a row.</summary>
    private static float Apply(float* residuals, float scale, byte* codes)
    {
        Vector256<float> inverse = Vector256.Create(1 / scale);
        float largest = 0;
        for (int row = 0; row < Rows; row++)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int j = row * Stride; j < (row + 1) * Stride; j += Vector256<float>.Count)
            {
                Vector256<float> residual = Vector256.Load(residuals + j);
                Vector256<float> code = Vector256.Floor((residual * inverse) + Vector256.Create(Middle + 0.5f));
                code = Vector256.Min(Vector256.Max(code, Vector256<float>.Zero), Vector256.Create((float)LargestCode));
                Vector256<float> difference = residual - ((code - Vector256.Create(Middle)) * scale);
                sum += difference * difference;
                for (int lane = 0; codes is not null && lane < Vector256<float>.Count; lane++)
                {
                    codes[j + lane] = (byte)code.GetElement(lane);
                }
            }

            largest = Math.Max(largest, Vector256.Sum(sum));
        }

        return largest;
    }
}

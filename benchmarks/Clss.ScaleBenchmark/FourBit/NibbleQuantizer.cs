using System.Runtime.Intrinsics;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// 4-bit codes of residuals: x - centroid is stored as s · (code - 7.5), one scale s for a block of 16 rows. Of several scales the one is taken whose
/// largest error over the rows is least, since a search pays for the bound of the block. Then codes near the middle between two levels are moved to the
/// other one where that turns the error away from the centroid's direction, in which queries that reach the cell are longest.
/// </summary>
internal static unsafe class NibbleQuantizer
{
    public const int LargestCode = 15;
    public const float Middle = 7.5f;

    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const double RoundUp = 1 + 1e-6;
    private const int MostMoves = 8;

    // What a move may add to the squared error, for the error along the centroid that it takes away, both in steps.
    private const float LargestPrice = 1;

    /// <summary>Shares of the range that are tried: cutting off what lies outside costs less than wide steps do.</summary>
    private static ReadOnlySpan<float> Shares => [1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f, 0.65f, 0.6f];

    /// <summary>Encodes rows [16, 32]; writes codes [16, 32], one to a byte, and returns the scale, the error bound, and the bound of errors along the centroid.</summary>
    public static (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* codes)
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
        float* direction = stackalloc float[Stride];
        SetDirection(centroid, direction);
        (double bound, double along) = (0, 0);
        for (int row = 0; row < Rows; row++)
        {
            TurnError(residuals + (row * Stride), direction, scale, codes + (row * Stride));
            (double squared, double ofRow) = Errors(rows + (row * Stride), centroid, direction, scale, codes + (row * Stride));
            (bound, along) = (Math.Max(bound, squared), Math.Max(along, Math.Abs(ofRow)));
        }

        return (scale, (float)(Math.Sqrt(bound) * RoundUp) + float.Epsilon, (float)((along * RoundUp) + RoundUp - 1));
    }

    private static void SetDirection(float* centroid, float* direction)
    {
        double norm = 0;
        for (int j = 0; j < Stride; j++)
        {
            norm += (double)centroid[j] * centroid[j];
        }

        for (int j = 0; j < Stride; j++)
        {
            direction[j] = norm > 0 ? (float)(centroid[j] / Math.Sqrt(norm)) : 0;
        }
    }

    private static void TurnError(float* residuals, float* direction, float scale, byte* codes)
    {
        float* errors = stackalloc float[Stride];
        float along = 0;
        for (int j = 0; j < Stride; j++)
        {
            errors[j] = (residuals[j] / scale) - (codes[j] - Middle);
            along += errors[j] * direction[j];
        }

        for (int move = 0; move < MostMoves; move++)
        {
            int cheapest = -1;
            float least = LargestPrice;
            for (int j = 0; j < Stride; j++)
            {
                // The code goes the way that its own error says: up where the residual lies above it.
                int step = errors[j] > 0 ? 1 : -1;
                float gain = Math.Abs(along) - Math.Abs(along - (step * direction[j]));
                float price = (1 - (2 * Math.Abs(errors[j]))) / gain;
                if (gain > 0.02f && price < least && codes[j] + step is >= 0 and <= LargestCode)
                {
                    (cheapest, least) = (j, price);
                }
            }

            if (cheapest < 0)
            {
                return;
            }

            int way = errors[cheapest] > 0 ? 1 : -1;
            codes[cheapest] = (byte)(codes[cheapest] + way);
            errors[cheapest] -= way;
            along -= way * direction[cheapest];
        }
    }

    /// <summary>The squared error of a row, and its error along the direction.</summary>
    private static (double Squared, double Along) Errors(float* row, float* centroid, float* direction, float scale, byte* codes)
    {
        (double squared, double along) = (0, 0);
        for (int j = 0; j < Stride; j++)
        {
            double error = row[j] - (centroid[j] + ((double)scale * (codes[j] - (double)Middle)));
            squared += error * error;
            along += error * direction[j];
        }

        return (squared, along);
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

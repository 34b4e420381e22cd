using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// A query as the kernels of 4-bit codes read it. With q = s c + e_q (8-bit codes c) and x = ĉ + r̂ + e_x, where ĉ is the centroid as its 8-bit code says and
/// r̂ the coded residual, q·x = s c·ĉ + s c·r̂ + s c·e_x + e_q·x. The first term is the score by which the cell was chosen, the second is what a kernel
/// computes, and the rest is bounded exactly as for 8-bit codes (<see cref="ErrorBound.Int8"/>), with the larger error of the block.
/// </summary>
internal unsafe struct RowQuery
{
    public const int Dimension = 32;

    /// <summary>Bytes of <see cref="Memory"/>.</summary>
    public const int MemoryBytes = 512;

    private const double UnitRoundoff = 1.0 / (1 << 24);

    // More than the roundings of a cell's score and of norms near 1, squared.
    private const float SquareSlack = 4e-6f;

    private readonly float _perError;
    private readonly float _constant;

    /// <summary>
    /// <paramref name="deviations"/> 0 takes the rigorous bound. Otherwise the errors count as noise in directions that have nothing to do with the query, of
    /// which the query sees 1/√32, and that many standard deviations are allowed.
    /// </summary>
    public RowQuery(in Int8Query codes, byte* memory, double deviations)
    {
        Codes = codes;
        Memory = memory;
        int sum = 0;
        int magnitudes = 0;
        for (int i = 0; i < Dimension; i++)
        {
            int code = ((sbyte*)codes.Words)[i];
            sum += code;
            magnitudes += Math.Abs(code);
        }

        float part = deviations > 0 ? (float)(deviations / Math.Sqrt(Dimension)) : 1;
        PerError = _perError = codes.PerError * part;
        Constant = _constant = codes.Constant * part;
        Unit = codes.Scale;
        Offset = -NibbleQuantizer.Middle * sum * codes.Scale;

        // The roundings of the sum's conversion and of the products with the scales, each relative to a value of at most 15 · scale · ‖s c‖₁.
        PerScale = (float)(16 * UnitRoundoff * NibbleQuantizer.LargestCode * magnitudes * codes.Scale);
    }

    public Int8Query Codes { get; }

    /// <summary>Registers that a kernel prepares [512 bytes].</summary>
    public byte* Memory { get; }

    public float Unit { get; set; }

    public float Offset { get; set; }

    /// <summary>The part of the error bound that grows with a block's error.</summary>
    public float PerError { get; private set; }

    /// <summary>The part of the error bound that grows with a block's scale.</summary>
    public float PerScale { get; set; }

    public float Constant { get; private set; }

    /// <summary>What the error can be at most in a block.</summary>
    public readonly float Bound(float scale, float error) => (PerError * error) + (PerScale * scale) + Constant;

    /// <summary>
    /// Makes the bound that of one cell. Rows of a cell err little along its centroid (<see cref="NibbleQuantizer"/> sees to it), and a query that the cell is
    /// near to has little length across it: with u the centroid's direction, s c·e = (s c·u)(u·e) + the product of the parts across u, at most
    /// |s c·u| · <paramref name="along"/> + ‖s c across u‖ · ‖e‖.
    /// </summary>
    public void Aim(float cellScore, float inverseNorm, float along)
    {
        float cosine = cellScore * inverseNorm;
        PerError = MathF.Sqrt(Math.Max(0, (_perError * _perError) - (cosine * cosine)) + SquareSlack);
        Constant = _constant + (Math.Abs(cosine) * along);
    }
}

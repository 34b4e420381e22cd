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
        PerError = codes.PerError * part;
        Constant = codes.Constant * part;
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
    public float PerError { get; }

    /// <summary>The part of the error bound that grows with a block's scale.</summary>
    public float PerScale { get; set; }

    public float Constant { get; }

    /// <summary>What the error can be at most in a block.</summary>
    public readonly float Bound(float scale, float error) => (PerError * error) + (PerScale * scale) + Constant;
}

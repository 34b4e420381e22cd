using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>
/// How far the similarity that a scan kernel computes can lie from the one that is reported. A scan may drop a row only where its value plus
/// this bound does not exceed the worst kept similarity; every other row is scored by <see cref="Metrics.CosineOfUnitVectors"/>.
/// </summary>
/// <remarks>
/// <para>Let q and x be the vectors, ‖q‖, ‖x‖ ≤ 1 + δ, and u = 2^-24. δ is 1e-6 (<see cref="UnitVector.Tolerance"/>), or more where rows are rounded to
/// fixed point (<see cref="UnitVector.LengthError"/>); the float that is decoded is the exact element of x, so nothing else changes then.</para>
/// <para>float32: a sum of n products in any order, with or without fused multiply-add, differs from the exact q·x by at most
/// γ_n Σ|q_i x_i| ≤ γ_n ‖q‖‖x‖, γ_n = nu/(1-nu) (Higham, Accuracy and Stability of Numerical Algorithms, 3.1 and Cauchy-Schwarz). Terms that
/// underflow add at most n·2^-149. The reported similarity is a double sum rounded once: it differs from q·x by at most u‖q‖‖x‖ plus
/// the error of the double sum, far below 2u. So the bound is (γ_n + 2u)(1+δ)² + n·2^-149.</para>
/// <para>int8: q = s_q c_q + e_q and x = s_x c_x + e_x with integer codes c. Then q·x = s_q s_x (c_q·c_x) + s_q c_q·e_x + e_q·x, and by
/// Cauchy-Schwarz the last two are at most ‖s_q c_q‖·‖e_x‖ + ‖e_q‖·‖x‖. ‖e_x‖ is bounded by the block's stored error; ‖s_q c_q‖ and ‖e_q‖ are
/// computed for the query. c_q·c_x is exact in 32 bits; its conversion to float and the products with the scales round at most four times, relative
/// to a value of at most (1+δ+‖e_q‖)(1+δ+‖e_x‖) &lt; 4: less than 16u. All of it is computed in double precision and the constants rounded up
/// (<see cref="Slack"/>).</para>
/// </remarks>
internal static class ErrorBound
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    // Covers the rounding of the bounds themselves and of the subtraction from the threshold, with a wide margin.
    private const double Slack = 4 * UnitRoundoff;

    /// <summary>The bound of a float32 scan of vectors with n elements.</summary>
    public static float Float32(int n, double lengthError = UnitVector.Tolerance)
    {
        double norm = 1 + lengthError;
        double gamma = n * UnitRoundoff / (1 - (n * UnitRoundoff));
        return (float)(((gamma + (2 * UnitRoundoff)) * norm * norm) + (n * (double)float.Epsilon) + Slack);
    }

    /// <summary>The two coefficients of the bound of an int8 scan: bound = <c>PerError</c> · (error of the block) + <c>Constant</c>.</summary>
    /// <param name="codeNorm">‖s_q c_q‖.</param>
    /// <param name="residualNorm">‖e_q‖.</param>
    /// <param name="lengthError">δ.</param>
    public static (float PerError, float Constant) Int8(double codeNorm, double residualNorm, double lengthError = UnitVector.Tolerance)
    {
        double norm = 1 + lengthError;
        return ((float)(codeNorm * norm), (float)((residualNorm * norm * norm) + (18 * UnitRoundoff) + Slack));
    }
}

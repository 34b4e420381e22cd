using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>Comparisons of 16-bit sums with a limit of any size.</summary>
internal static class Limits
{
    /// <summary>The lanes greater than the limit, a bit for each. Sums that saturated count as greater than a limit above the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Exceeding(Vector256<short> sums, float limit)
    {
        if (limit < short.MinValue)
        {
            return ushort.MaxValue;
        }

        short whole = (short)MathF.Floor(MathF.Min(limit, short.MaxValue - 1));
        return (ushort)Vector256.GreaterThan(sums, Vector256.Create(whole)).ExtractMostSignificantBits();
    }
}

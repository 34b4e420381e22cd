using System.Runtime.CompilerServices;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Transcendental functions on registers, in single precision.</summary>
internal static class SimdMath<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Below this the result of <see cref="Exp2"/> would be no normal number any more.</summary>
    private const float SmallestExponent = -126f;

    private const float Log2E = 1.44269504f;

    /// <summary>
    /// 2^value for value at most 0, within 2 units in the last place; values below -126 count as -126.
    /// The polynomial is the minimax fit (relative) of degree 6 to 2^f on [-0.5, 0.5]: 1.9e-9.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp2(TLanes value)
    {
        TLanes clamped = TLanes.Max(value, TLanes.Broadcast(SmallestExponent));
        TLanes whole = TLanes.Round(clamped);
        TLanes f = clamped - whole;
        TLanes p = TLanes.Broadcast(0.00015345811f);
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(0.0013399931f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(0.009618489f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(0.055503286f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(0.24022646f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(0.6931472f));
        p = TLanes.MultiplyAdd(p, f, TLanes.Broadcast(1f));
        return TLanes.Scale(p, whole);
    }

    /// <summary>x / (1 + e^-x). With e = 2^-|x log2 e|, at most 1, it is (max(x, 0) + min(x, 0) e) / (1 + e) on both sides of zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Silu(TLanes x)
    {
        TLanes zero = TLanes.Broadcast(0f);
        TLanes negative = TLanes.Min(x, zero), positive = TLanes.Max(x, zero);
        TLanes e = Exp2((negative - positive) * TLanes.Broadcast(Log2E));
        return TLanes.MultiplyAdd(negative, e, positive) / (TLanes.Broadcast(1f) + e);
    }

    /// <summary>
    /// The exact GELU, x/2 (1 + erf(x / sqrt 2)) = x P(x), with P the normal distribution's cumulative probability.
    /// For t = |x|, P(-t) = 2^-q(t), and q is nearly a parabola: a minimax fit of degree 8 on [0, 6], weighted so that
    /// the error of t P(-t) is evened out, keeps the whole within 5e-8 absolute. Past 6 the polynomial grows on (q = 30 there),
    /// so the result goes to 0 as it should, without the cancellation of 1 + erf.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Gelu(TLanes x)
    {
        TLanes zero = TLanes.Broadcast(0f);
        TLanes negative = TLanes.Min(x, zero - x);
        TLanes t = zero - negative;
        TLanes q = TLanes.Broadcast(1.99189958e-06f);
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(-2.9272016e-05f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(0.00013808832f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(0.00025343636f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(-0.0072163898f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(0.052603051f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(0.45917222f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(1.1511097f));
        q = TLanes.MultiplyAdd(q, t, TLanes.Broadcast(0.99999988f));

        // x P(x) = max(x, 0) - t P(-t) on both sides of zero.
        return TLanes.MultiplyAdd(negative, Exp2(zero - q), TLanes.Max(x, zero));
    }
}

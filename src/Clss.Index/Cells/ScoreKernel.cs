using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clss.Index.Cells;

/// <summary>Selections from arrays of scores, whose lengths are multiples of 8.</summary>
internal static unsafe class ScoreKernel
{
    public const int Lanes = 8;

    // Each step halves the range; ten leave a thousandth of it.
    private const int BisectionSteps = 10;

    /// <summary>The position of the greatest score, the first of equals; -1 where all are -∞.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Largest(float* scores, int count)
    {
        Vector256<float> best = Vector256.Create(float.NegativeInfinity);
        Vector256<int> places = Vector256.Create(-1);
        Vector256<int> place = Vector256<int>.Indices;
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<float> score = Vector256.Load(scores + i);
            Vector256<float> isBetter = Vector256.GreaterThan(score, best);
            best = Vector256.ConditionalSelect(isBetter, score, best);
            places = Vector256.ConditionalSelect(isBetter.AsInt32(), place, places);
            place += Vector256.Create(Lanes);
        }

        int result = -1;
        float value = float.NegativeInfinity;
        for (int lane = 0; lane < Lanes; lane++)
        {
            float score = best.GetElement(lane);
            int at = places.GetElement(lane);
            if (score > value || (score == value && at >= 0 && at < result))
            {
                (result, value) = (at, score);
            }
        }

        return result;
    }

    /// <summary>Writes the positions of scores with score + spread · margin above the mark, ascending; returns how many there are.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Passing(float* scores, float* spreads, float margin, float mark, int count, int* positions)
    {
        Vector256<float> margins = Vector256.Create(margin);
        Vector256<float> marks = Vector256.Create(mark);
        int found = 0;
        for (int i = 0; i < count; i += Lanes)
        {
            Vector256<float> upper = Vector256.Load(scores + i) + (Vector256.Load(spreads + i) * margins);
            for (uint passing = Vector256.GreaterThan(upper, marks).ExtractMostSignificantBits(); passing != 0; passing &= passing - 1)
            {
                positions[found++] = i + BitOperations.TrailingZeroCount(passing);
            }
        }

        return found;
    }

    /// <summary>A value that at least k scores reach, close to the k-th greatest; -∞ where fewer than k are finite.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float AtMostKth(float* scores, int count, int k)
    {
        float high = scores[Math.Max(0, Largest(scores, count))];
        float low = float.PositiveInfinity;
        int finite = 0;
        for (int i = 0; i < count; i++)
        {
            finite += scores[i] > float.NegativeInfinity ? 1 : 0;
            low = scores[i] > float.NegativeInfinity ? Math.Min(low, scores[i]) : low;
        }

        if (finite < k)
        {
            return float.NegativeInfinity;
        }

        for (int step = 0; step < BisectionSteps; step++)
        {
            float middle = low + ((high - low) / 2);
            if (CountFrom(scores, count, middle) >= k)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static int CountFrom(float* scores, int count, float limit)
    {
        Vector256<float> limits = Vector256.Create(limit);
        Vector256<int> counts = Vector256<int>.Zero;
        for (int i = 0; i < count; i += Lanes)
        {
            counts -= Vector256.GreaterThanOrEqual(Vector256.Load(scores + i), limits).AsInt32();
        }

        return Vector256.Sum(counts);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.Index.Metrics;

/// <summary>
/// The similarity of two unit vectors, the one number by which rows are compared and reported. One of them may be in 16-bit fixed point
/// (<see cref="FixedPoint"/>): then it is the similarity of the decoded floats, decoded in registers.
/// </summary>
/// <remarks>
/// Definition: eight sums s0..s7 in double precision, s_l over the elements j = l mod 8 in ascending order, added as
/// ((s0+s4)+(s2+s6))+((s1+s5)+(s3+s7)) and rounded once to float. The product of two floats is exact in double precision, so a fused and a
/// separate multiply-add give the same bits, and the lanes are the same sums on every width of vector registers:
/// the result is the same on every processor. Scan kernels may add in any order; they only decide which rows are scored here.
/// </remarks>
internal static class CosineOfUnitVectors
{
    /// <summary>Elements per step; lengths are padded with zeros to a multiple of it.</summary>
    public const int Lanes = 8;

    /// <summary>The similarity of two padded vectors [length], length a multiple of <see cref="Lanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe float Similarity(float* left, float* right, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Similarity512(left, right, length);
        }

        return Vector256.IsHardwareAccelerated ? Similarity256(left, right, length) : SimilarityScalar(left, right, length);
    }

    public static unsafe float Similarity512(float* left, float* right, int length)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        for (int j = 0; j < length; j += Lanes)
        {
            sums += Widen(Vector256.Load(left + j)) * Widen(Vector256.Load(right + j));
        }

        return Total(sums.GetLower() + sums.GetUpper());
    }

    public static unsafe float Similarity256(float* left, float* right, int length)
    {
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        for (int j = 0; j < length; j += Lanes)
        {
            Vector256<float> a = Vector256.Load(left + j);
            Vector256<float> b = Vector256.Load(right + j);
            low += Vector256.WidenLower(a) * Vector256.WidenLower(b);
            high += Vector256.WidenUpper(a) * Vector256.WidenUpper(b);
        }

        return Total(low + high);
    }

    public static unsafe float SimilarityScalar(float* left, float* right, int length)
    {
        double* sums = stackalloc double[Lanes];
        new Span<double>(sums, Lanes).Clear();
        for (int j = 0; j < length; j += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                sums[lane] += (double)left[j + lane] * right[j + lane];
            }
        }

        return (float)(((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
    }

    /// <summary>The same of a row in fixed point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe float Similarity(short* left, float* right, int length)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Similarity512(left, right, length);
        }

        return Vector256.IsHardwareAccelerated ? Similarity256(left, right, length) : SimilarityScalar(left, right, length);
    }

    public static unsafe float Similarity512(short* left, float* right, int length)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        for (int j = 0; j < length; j += Lanes)
        {
            sums += Widen(Decode(left + j)) * Widen(Vector256.Load(right + j));
        }

        return Total(sums.GetLower() + sums.GetUpper());
    }

    public static unsafe float Similarity256(short* left, float* right, int length)
    {
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        for (int j = 0; j < length; j += Lanes)
        {
            Vector256<float> a = Decode(left + j);
            Vector256<float> b = Vector256.Load(right + j);
            low += Vector256.WidenLower(a) * Vector256.WidenLower(b);
            high += Vector256.WidenUpper(a) * Vector256.WidenUpper(b);
        }

        return Total(low + high);
    }

    public static unsafe float SimilarityScalar(short* left, float* right, int length)
    {
        double* sums = stackalloc double[Lanes];
        new Span<double>(sums, Lanes).Clear();
        for (int j = 0; j < length; j += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                sums[lane] += (double)FixedPoint.Decode(left[j + lane]) * right[j + lane];
            }
        }

        return (float)(((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<float> Decode(short* numbers)
    {
        Vector128<short> packed = Vector128.Load(numbers);
        Vector256<int> wide = Avx2.IsSupported ? Avx2.ConvertToVector256Int32(packed) : Vector256.Create(Vector128.WidenLower(packed), Vector128.WidenUpper(packed));
        return Vector256.ConvertToSingle(wide) * FixedPoint.Step;
    }

    /// <summary>One instruction where there is one; two halves put together take half as long again for the whole sum.</summary>
    private static Vector512<double> Widen(Vector256<float> values) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Double(values)
        : Vector512.Create(Vector256.WidenLower(values), Vector256.WidenUpper(values));

    private static float Total(Vector256<double> sums)
    {
        Vector128<double> pairs = sums.GetLower() + sums.GetUpper();
        return (float)(pairs.GetElement(0) + pairs.GetElement(1));
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clss.Index.Vectors;

/// <summary>
/// 16-bit fixed point: an element x of a unit vector is stored as round(x · 32767), ties to even, and read as that number times <see cref="Step"/>, rounded once
/// to float. Encoding what was decoded gives the same number again, because the product is off by less than a hundredth of a step.
/// </summary>
internal static unsafe class FixedPoint
{
    /// <summary>The number that stands for 1.</summary>
    public const int One = short.MaxValue;

    /// <summary>1/32767 as float: 2^-15 + 2^-30.</summary>
    public const float Step = 1f / One;

    /// <summary>How far an element moves at most: half a step, 1.5260e-5, and the rounding of the decoded product, at most 2^-25.</summary>
    public const double MaximumError = 1.53e-5;

    /// <summary>The number of an element of a unit vector.</summary>
    public static short Encode(float element) => (short)Math.Clamp(Math.Round((double)element * One), -One, One);

    public static float Decode(short number) => number * Step;

    /// <summary>Encodes elements.</summary>
    public static void Encode(ReadOnlySpan<float> elements, Span<short> numbers)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            numbers[i] = Encode(elements[i]);
        }
    }

    /// <summary>Replaces each element by what is read of it once it is stored.</summary>
    public static void Round(Span<float> elements)
    {
        foreach (ref float element in elements)
        {
            element = Decode(Encode(element));
        }
    }

    /// <summary>Whether rounding changes no element.</summary>
    public static bool IsRounded(ReadOnlySpan<float> elements)
    {
        foreach (float element in elements)
        {
            if (Decode(Encode(element)) != element)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Decodes numbers, the same bits on every width.</summary>
    public static void Decode(short* numbers, float* elements, long count)
    {
        if (Avx512F.IsSupported && Vector512.IsHardwareAccelerated)
        {
            Decode512(numbers, elements, count);
        }
        else if (Avx2.IsSupported && Vector256.IsHardwareAccelerated)
        {
            Decode256(numbers, elements, count);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Decode128(numbers, elements, count);
        }
        else
        {
            DecodeScalar(numbers, elements, 0, count);
        }
    }

    public static void Decode512(short* numbers, float* elements, long count)
    {
        long i = 0;
        for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
        {
            (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector256.Load(numbers + i))) * Step).Store(elements + i);
        }

        DecodeScalar(numbers, elements, i, count);
    }

    public static void Decode256(short* numbers, float* elements, long count)
    {
        long i = 0;
        for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
        {
            (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Vector128.Load(numbers + i))) * Step).Store(elements + i);
        }

        DecodeScalar(numbers, elements, i, count);
    }

    public static void Decode128(short* numbers, float* elements, long count)
    {
        long i = 0;
        for (; i + (2 * Vector128<float>.Count) <= count; i += 2 * Vector128<float>.Count)
        {
            (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.Load(numbers + i));
            (Vector128.ConvertToSingle(low) * Step).Store(elements + i);
            (Vector128.ConvertToSingle(high) * Step).Store(elements + i + Vector128<float>.Count);
        }

        DecodeScalar(numbers, elements, i, count);
    }

    public static void DecodeScalar(short* numbers, float* elements, long start, long count)
    {
        for (long i = start; i < count; i++)
        {
            elements[i] = Decode(numbers[i]);
        }
    }
}

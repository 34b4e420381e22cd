using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clss.Index.Hnsw;

/// <summary>
/// Similarities for choosing links: four sums over the elements j mod 4 in ascending order, product and sum rounded separately, added as
/// (s0 + s2) + (s1 + s3). One definition for a pair and for a candidate against 16 rows at once, so that ties are ties in both, and the same graph
/// comes out on every processor.
/// </summary>
internal static unsafe class BuildKernel
{
    /// <summary>Rows that are compared at once.</summary>
    public const int Block = 16;

    /// <summary>The similarity of two rows [stride].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Similarity(float* left, float* right, int stride)
    {
        Vector128<float> sums = Vector128<float>.Zero;
        for (int j = 0; j < stride; j += 4)
        {
            sums += Vector128.Load(left + j) * Vector128.Load(right + j);
        }

        sums += Vector128.Shuffle(sums, Vector128.Create(2, 3, 0, 1));
        return sums.ToScalar() + sums.GetElement(1);
    }

    /// <summary>Puts a row [stride] into a lane of a block [stride, 16].</summary>
    public static void Put(float* row, int stride, float* block, int lane)
    {
        for (int j = 0; j < stride; j++)
        {
            block[(j * Block) + lane] = row[j];
        }
    }

    /// <summary>The lanes of a block [stride, 16] whose similarity to the row exceeds the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Exceeding(float* block, float* row, int stride, float limit) =>
        Vector512.IsHardwareAccelerated
            ? Exceeding512(block, row, stride, limit)
            : Exceeding256(block, row, stride, limit) | (Exceeding256(block + 8, row, stride, limit) << 8);

    public static uint Exceeding512(float* block, float* row, int stride, float limit)
    {
        Vector512<float> a = Vector512<float>.Zero;
        Vector512<float> b = a;
        Vector512<float> c = a;
        Vector512<float> d = a;
        for (int j = 0; j < stride; j += 4, block += 4 * Block)
        {
            a += Vector512.Load(block) * Vector512.Create(row[j]);
            b += Vector512.Load(block + Block) * Vector512.Create(row[j + 1]);
            c += Vector512.Load(block + (2 * Block)) * Vector512.Create(row[j + 2]);
            d += Vector512.Load(block + (3 * Block)) * Vector512.Create(row[j + 3]);
        }

        return (uint)Vector512.GreaterThan((a + c) + (b + d), Vector512.Create(limit)).ExtractMostSignificantBits();
    }

    /// <summary>Half a block: 8 of its 16 lanes.</summary>
    public static uint Exceeding256(float* block, float* row, int stride, float limit)
    {
        Vector256<float> a = Vector256<float>.Zero;
        Vector256<float> b = a;
        Vector256<float> c = a;
        Vector256<float> d = a;
        for (int j = 0; j < stride; j += 4, block += 4 * Block)
        {
            a += Vector256.Load(block) * Vector256.Create(row[j]);
            b += Vector256.Load(block + Block) * Vector256.Create(row[j + 1]);
            c += Vector256.Load(block + (2 * Block)) * Vector256.Create(row[j + 2]);
            d += Vector256.Load(block + (3 * Block)) * Vector256.Create(row[j + 3]);
        }

        return Vector256.GreaterThan((a + c) + (b + d), Vector256.Create(limit)).ExtractMostSignificantBits();
    }
}

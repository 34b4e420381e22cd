using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>Finds which rows of a tile of codes may exceed the limits of four queries.</summary>
internal static unsafe class Int8BatchKernel
{
    private const int BlocksPerTile = VectorLayout.TileRows / VectorLayout.CodeBlockRows;

    /// <summary>Writes to <paramref name="masks"/> [4] the rows that may exceed each query's limit [4].</summary>
    public static void Exceeding(byte* codes, float* scales, QueryGroups queries, int group, float* limits, ulong* masks)
    {
        if (AvxVnni.IsSupported)
        {
            ExceedingVnni(codes, scales, queries, group, limits, masks);
            return;
        }

        // The tile stays in the first-level cache: query by query costs little more where there is no instruction for it.
        for (int i = 0; i < QueryGroups.Size; i++)
        {
            int query = (group * QueryGroups.Size) + i;
            masks[i] = query < queries.Queries ? Int8Kernel.Exceeding(codes, scales, queries.Stride, queries.Codes[query], limits[i]) : 0;
        }
    }

    /// <summary>
    /// 16 rows in two registers by four queries. The limits are brought to the scale of the integer products, for the four queries at once;
    /// this rounds as often as the multiplication in <see cref="Int8Kernel"/> does, and <see cref="ErrorBound"/> covers both.
    /// </summary>
    public static void ExceedingVnni(byte* codes, float* scales, QueryGroups queries, int group, float* limits, ulong* masks)
    {
        int words = queries.Stride / CodeQuantizer.Group;
        int* first = queries.WordsInterleaved + ((long)group * words * QueryGroups.Size);
        float* bounds = queries.Bounds + ((long)group * 4 * QueryGroups.Size);
        var bias = (int*)bounds;
        Vector128<float> limit = Vector128.Load(limits);
        Vector128<float> inverseScale = Vector128.Load(bounds + QueryGroups.Size);
        Vector128<float> perError = Vector128.Load(bounds + (2 * QueryGroups.Size));
        Vector128<float> constant = Vector128.Load(bounds + (3 * QueryGroups.Size));
        ulong maskA = 0, maskB = 0, maskC = 0, maskD = 0;
        for (int block = 0; block < BlocksPerTile; block++, scales += 2)
        {
            Vector256<int> a0 = Vector256.Create(bias[0]), a1 = a0;
            Vector256<int> b0 = Vector256.Create(bias[1]), b1 = b0;
            Vector256<int> c0 = Vector256.Create(bias[2]), c1 = c0;
            Vector256<int> d0 = Vector256.Create(bias[3]), d1 = d0;
            int* word = first;
            for (int i = 0; i < words; i++, codes += 64, word += QueryGroups.Size)
            {
                Vector256<byte> r0 = Vector256.Load(codes);
                Vector256<byte> r1 = Vector256.Load(codes + 32);
                Vector256<sbyte> q = Vector256.Create(word[0]).AsSByte();
                a0 = AvxVnni.MultiplyWideningAndAdd(a0, r0, q);
                a1 = AvxVnni.MultiplyWideningAndAdd(a1, r1, q);
                q = Vector256.Create(word[1]).AsSByte();
                b0 = AvxVnni.MultiplyWideningAndAdd(b0, r0, q);
                b1 = AvxVnni.MultiplyWideningAndAdd(b1, r1, q);
                q = Vector256.Create(word[2]).AsSByte();
                c0 = AvxVnni.MultiplyWideningAndAdd(c0, r0, q);
                c1 = AvxVnni.MultiplyWideningAndAdd(c1, r1, q);
                q = Vector256.Create(word[3]).AsSByte();
                d0 = AvxVnni.MultiplyWideningAndAdd(d0, r0, q);
                d1 = AvxVnni.MultiplyWideningAndAdd(d1, r1, q);
            }

            int shift = block * VectorLayout.CodeBlockRows;
            Vector128<float> lower = (limit - ((perError * scales[1]) + constant)) * inverseScale / Vector128.Create(scales[0]);
            maskA |= Mask(a0, a1, lower.GetElement(0)) << shift;
            maskB |= Mask(b0, b1, lower.GetElement(1)) << shift;
            maskC |= Mask(c0, c1, lower.GetElement(2)) << shift;
            maskD |= Mask(d0, d1, lower.GetElement(3)) << shift;
        }

        (masks[0], masks[1], masks[2], masks[3]) = (maskA, maskB, maskC, maskD);
    }

    private static ulong Mask(Vector256<int> low, Vector256<int> high, float limit)
    {
        Vector256<float> limits = Vector256.Create(limit);
        Vector256<float> exceedLow = Vector256.GreaterThan(Vector256.ConvertToSingle(low), limits);
        Vector256<float> exceedHigh = Vector256.GreaterThan(Vector256.ConvertToSingle(high), limits);
        if ((exceedLow | exceedHigh).AsInt32() == Vector256<int>.Zero)
        {
            return 0;
        }

        return exceedLow.ExtractMostSignificantBits() | (exceedHigh.ExtractMostSignificantBits() << 8);
    }
}

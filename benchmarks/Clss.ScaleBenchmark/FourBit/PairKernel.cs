using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Products of two bytes at a time in 16-bit lanes (vpmaddubsw). A block lies as [4 loads][2 pairs of elements][16 rows][2], with the pairs 4i, 4i + 1 in
/// the low and 4i + 2, 4i + 3 in the high half of the bytes of load i. A lane sums 16 elements at most, 16 · 15 · 127 = 30 480, so nothing overflows; the
/// last addition saturates, which a limit inside the range cannot notice.
/// </summary>
internal readonly unsafe struct PairKernel : IRowKernel
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const int Loads = 4;

    public static string Name => "4-bit, pairs in 16 bits";

    public static int BlockBytes => Rows * Stride / 2;

    public static (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* block)
    {
        byte* codes = stackalloc byte[Rows * Stride];
        (float scale, float error, float along) = NibbleQuantizer.Encode(rows, centroid, codes);
        for (int i = 0; i < BlockBytes; i++)
        {
            (int load, int pair, int row, int element) = (i / 64, i / 32 % 2, i / 2 % Rows, i % 2);
            byte* low = codes + (row * Stride) + (((4 * load) + pair) * 2) + element;
            block[i] = (byte)(low[0] | (low[4] << 4));
        }

        return (scale, error, along);
    }

    public static void Prepare(ref RowQuery query)
    {
        var pairs = (short*)query.Codes.Words;
        for (int load = 0; load < Loads; load++)
        {
            Vector512.Create(Vector256.Create(pairs[4 * load]), Vector256.Create(pairs[(4 * load) + 1])).AsByte().Store(query.Memory + (128 * load));
            Vector512.Create(Vector256.Create(pairs[(4 * load) + 2]), Vector256.Create(pairs[(4 * load) + 3])).AsByte().Store(query.Memory + (128 * load) + 64);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceeding(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float limit, ushort* masks)
    {
        sbyte* memory = (sbyte*)query.Memory;
        Vector512<sbyte> q0 = Vector512.Load(memory);
        Vector512<sbyte> q1 = Vector512.Load(memory + 64);
        Vector512<sbyte> q2 = Vector512.Load(memory + 128);
        Vector512<sbyte> q3 = Vector512.Load(memory + 192);
        Vector512<sbyte> q4 = Vector512.Load(memory + 256);
        Vector512<sbyte> q5 = Vector512.Load(memory + 320);
        Vector512<sbyte> q6 = Vector512.Load(memory + 384);
        Vector512<sbyte> q7 = Vector512.Load(memory + 448);
        float atZero = limit - cellScore - query.Constant;
        float perError = query.PerError;
        float perScale = query.PerScale + query.Offset;
        float unit = query.Unit;
        for (int block = 0; block < blocks; block++, codes += Rows * Stride / 2, scales += 2)
        {
            Vector512<short> sums = Products(codes, q0, q1) + Products(codes + 64, q2, q3) + (Products(codes + 128, q4, q5) + Products(codes + 192, q6, q7));
            Vector256<short> sum = Avx2.AddSaturate(sums.GetLower(), sums.GetUpper());
            float least = (atZero - (perError * scales[1]) - (perScale * scales[0])) / (scales[0] * unit);
            masks[block] = Limits.Exceeding(sum, least);
        }
    }

    public static void Scores(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float* scores)
    {
        sbyte* memory = (sbyte*)query.Memory;
        for (int block = 0; block < blocks; block++, scales += 2, scores += Rows)
        {
            Vector512<short> sums = Vector512<short>.Zero;
            for (int load = 0; load < Loads; load++, codes += 64)
            {
                sums += Products(codes, Vector512.Load(memory + (128 * load)), Vector512.Load(memory + (128 * load) + 64));
            }

            float scale = scales[0] * query.Unit;
            Vector512<int> sum = Avx512F.ConvertToVector512Int32(sums.GetLower()) + Avx512F.ConvertToVector512Int32(sums.GetUpper());
            ((Vector512.ConvertToSingle(sum) * scale) + Vector512.Create((scales[0] * query.Offset) + cellScore)).Store(scores);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Products(byte* codes, Vector512<sbyte> low, Vector512<sbyte> high)
    {
        Vector512<byte> bytes = Vector512.Load(codes);
        Vector512<byte> half = Vector512.Create((byte)0x0F);
        return Avx512BW.MultiplyAddAdjacent(bytes & half, low) + Avx512BW.MultiplyAddAdjacent((bytes.AsUInt16() >> 4).AsByte() & half, high);
    }
}

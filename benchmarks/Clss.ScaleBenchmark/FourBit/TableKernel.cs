using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Look-up tables in registers (vpshufb), as faiss and ScaNN scan product codes: each element of the query has a table of what its 16 codes contribute,
/// in 8 bits, and the entries are added in 16 bits. A block lies as [4 loads][4 elements][16 rows], elements 8i to 8i + 3 in the low and 8i + 4 to
/// 8i + 7 in the high half of the bytes of load i.
/// </summary>
internal readonly unsafe struct TableKernel : IRowKernel
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const int Loads = 4;
    private const int Levels = 16;

    public static string Name => "4-bit, tables";

    public static int BlockBytes => Rows * Stride / 2;

    public static (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* block)
    {
        byte* codes = stackalloc byte[Rows * Stride];
        (float scale, float error, float along) = NibbleQuantizer.Encode(rows, centroid, codes);
        for (int i = 0; i < BlockBytes; i++)
        {
            (int load, int element, int row) = (i / 64, i / 16 % 4, i % Rows);
            byte* low = codes + (row * Stride) + (8 * load) + element;
            block[i] = (byte)(low[0] | (low[4] << 4));
        }

        return (scale, error, along);
    }

    /// <summary>Table entries are q_j (code - 7.5) less their least, in steps of 1/255 of the widest table; what rounding them costs is added to the bound.</summary>
    public static void Prepare(ref RowQuery query)
    {
        var codes = (sbyte*)query.Codes.Words;
        int largest = 1;
        int sum = 0;
        for (int j = 0; j < Stride; j++)
        {
            largest = Math.Max(largest, Math.Abs((int)codes[j]));
            sum += Math.Abs((int)codes[j]);
        }

        float step = largest * (float)NibbleQuantizer.LargestCode / byte.MaxValue;
        float error = 0;
        for (int j = 0; j < Stride; j++)
        {
            // Element j is lane j % 4 of the register of its load and half.
            byte* table = query.Memory + (64 * ((j / 8 * 2) + (j / 4 % 2))) + (j % 4 * Levels);
            float worst = 0;
            for (int code = 0; code < Levels; code++)
            {
                float value = Math.Abs((int)codes[j]) * (codes[j] >= 0 ? code : NibbleQuantizer.LargestCode - code);
                float entry = MathF.Round(value / step);
                table[code] = (byte)entry;
                worst = Math.Max(worst, Math.Abs(value - (entry * step)));
            }

            error += worst;
        }

        query.Unit = step * query.Codes.Scale;
        query.Offset = -NibbleQuantizer.Middle * sum * query.Codes.Scale;
        query.PerScale += error * query.Codes.Scale * (1 + 1e-5f);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceeding(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float limit, ushort* masks)
    {
        byte* memory = query.Memory;
        Vector512<byte> t0 = Vector512.Load(memory);
        Vector512<byte> t1 = Vector512.Load(memory + 64);
        Vector512<byte> t2 = Vector512.Load(memory + 128);
        Vector512<byte> t3 = Vector512.Load(memory + 192);
        Vector512<byte> t4 = Vector512.Load(memory + 256);
        Vector512<byte> t5 = Vector512.Load(memory + 320);
        Vector512<byte> t6 = Vector512.Load(memory + 384);
        Vector512<byte> t7 = Vector512.Load(memory + 448);
        float atZero = limit - cellScore - query.Constant;
        float perError = query.PerError;
        float perScale = query.PerScale + query.Offset;
        float unit = query.Unit;
        for (int block = 0; block < blocks; block++, codes += Rows * Stride / 2, scales += 2)
        {
            Vector512<ushort> both = Vector512<ushort>.Zero;
            Vector512<ushort> odd = Vector512<ushort>.Zero;
            Add(codes, t0, t1, ref both, ref odd);
            Add(codes + 64, t2, t3, ref both, ref odd);
            Add(codes + 128, t4, t5, ref both, ref odd);
            Add(codes + 192, t6, t7, ref both, ref odd);
            float least = (atZero - (perError * scales[1]) - (perScale * scales[0])) / (scales[0] * unit);
            masks[block] = Limits.Exceeding(Total(both, odd), least);
        }
    }

    public static void Scores(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float* scores)
    {
        for (int block = 0; block < blocks; block++, scales += 2, scores += Rows)
        {
            Vector512<ushort> both = Vector512<ushort>.Zero;
            Vector512<ushort> odd = Vector512<ushort>.Zero;
            for (int load = 0; load < Loads; load++, codes += 64)
            {
                Add(codes, Vector512.Load(query.Memory + (128 * load)), Vector512.Load(query.Memory + (128 * load) + 64), ref both, ref odd);
            }

            Vector512<int> sum = Avx512F.ConvertToVector512Int32(Total(both, odd));
            ((Vector512.ConvertToSingle(sum) * (scales[0] * query.Unit)) + Vector512.Create((scales[0] * query.Offset) + cellScore)).Store(scores);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* codes, Vector512<byte> lowTable, Vector512<byte> highTable, ref Vector512<ushort> both, ref Vector512<ushort> odd)
    {
        Vector512<byte> bytes = Vector512.Load(codes);
        Vector512<byte> half = Vector512.Create((byte)0x0F);
        Vector512<ushort> low = Avx512BW.Shuffle(lowTable, bytes & half).AsUInt16();
        Vector512<ushort> high = Avx512BW.Shuffle(highTable, (bytes.AsUInt16() >> 4).AsByte() & half).AsUInt16();

        // Lanes of 16 bits hold two rows; the even one is what is left when the odd one, summed by itself, is taken off.
        both += low + high;
        odd += (low >> 8) + (high >> 8);
    }

    /// <summary>The sums of the 16 rows in order: elements lie in the four quarters of a register, even and odd rows in two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Total(Vector512<ushort> both, Vector512<ushort> odd)
    {
        Vector512<ushort> even = both - (odd << 8);
        Vector256<ushort> evenHalf = even.GetLower() + even.GetUpper();
        Vector256<ushort> oddHalf = odd.GetLower() + odd.GetUpper();
        Vector128<ushort> evens = evenHalf.GetLower() + evenHalf.GetUpper();
        Vector128<ushort> odds = oddHalf.GetLower() + oddHalf.GetUpper();
        return Vector256.Create(Sse2.UnpackLow(evens, odds), Sse2.UnpackHigh(evens, odds)).AsInt16();
    }
}

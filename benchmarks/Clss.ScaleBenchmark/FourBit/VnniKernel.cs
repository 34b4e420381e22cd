using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Dot products of four bytes at a time. A block lies as [8 groups of 4 elements][8 rows][4], rows 0 to 7 in the low and 8 to 15 in the high half of the
/// bytes. The high half is not shifted down: bytes · query = low + 16 · high and (bytes and 0xF0) · query = 16 · high, which takes one operation besides
/// the two products.
/// </summary>
internal readonly unsafe struct VnniKernel : IRowKernel
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int HalfRows = Rows / 2;
    private const int Stride = RowQuery.Dimension;

    public static string Name => "4-bit, VNNI";

    public static int BlockBytes => Rows * Stride / 2;

    public static (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* block)
    {
        byte* codes = stackalloc byte[Rows * Stride];
        (float scale, float error, float along) = NibbleQuantizer.Encode(rows, centroid, codes);
        for (int row = 0; row < HalfRows; row++)
        {
            for (int j = 0; j < Stride; j++)
            {
                int low = codes[(row * Stride) + j];
                int high = codes[((row + HalfRows) * Stride) + j];
                block[(j / 4 * HalfRows * 4) + (row * 4) + (j % 4)] = (byte)(low | (high << 4));
            }
        }

        return (scale, error, along);
    }

    public static void Prepare(ref RowQuery query)
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceeding(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float limit, ushort* masks)
    {
        int* words = query.Codes.Words;
        Vector256<sbyte> q0 = Vector256.Create(words[0]).AsSByte();
        Vector256<sbyte> q1 = Vector256.Create(words[1]).AsSByte();
        Vector256<sbyte> q2 = Vector256.Create(words[2]).AsSByte();
        Vector256<sbyte> q3 = Vector256.Create(words[3]).AsSByte();
        Vector256<sbyte> q4 = Vector256.Create(words[4]).AsSByte();
        Vector256<sbyte> q5 = Vector256.Create(words[5]).AsSByte();
        Vector256<sbyte> q6 = Vector256.Create(words[6]).AsSByte();
        Vector256<sbyte> q7 = Vector256.Create(words[7]).AsSByte();
        float atZero = limit - cellScore - query.Constant;
        float perError = query.PerError;
        float perScale = query.PerScale + query.Offset;
        float unit = query.Unit;
        for (int block = 0; block < blocks; block++, codes += Rows * Stride / 2, scales += 2)
        {
            Vector256<int> both = Vector256<int>.Zero;
            Vector256<int> high = Vector256<int>.Zero;
            Add(codes, q0, ref both, ref high);
            Add(codes + 32, q1, ref both, ref high);
            Add(codes + 64, q2, ref both, ref high);
            Add(codes + 96, q3, ref both, ref high);
            Add(codes + 128, q4, ref both, ref high);
            Add(codes + 160, q5, ref both, ref high);
            Add(codes + 192, q6, ref both, ref high);
            Add(codes + 224, q7, ref both, ref high);
            float scale = scales[0] * unit;
            Vector256<float> limits = Vector256.Create(atZero - (perError * scales[1]) - (perScale * scales[0]));
            uint lowMask = Vector256.GreaterThan(Vector256.ConvertToSingle(both - high) * scale, limits).ExtractMostSignificantBits();
            uint highMask = Vector256.GreaterThan(Vector256.ConvertToSingle(high >> 4) * scale, limits).ExtractMostSignificantBits();
            masks[block] = (ushort)(lowMask | (highMask << 8));
        }
    }

    public static void Scores(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float* scores)
    {
        for (int block = 0; block < blocks; block++, scales += 2, scores += Rows)
        {
            Vector256<int> both = Vector256<int>.Zero;
            Vector256<int> high = Vector256<int>.Zero;
            for (int group = 0; group < Stride / 4; group++, codes += 32)
            {
                Add(codes, Vector256.Create(query.Codes.Words[group]).AsSByte(), ref both, ref high);
            }

            float scale = scales[0] * query.Unit;
            Vector256<float> offset = Vector256.Create((scales[0] * query.Offset) + cellScore);
            ((Vector256.ConvertToSingle(both - high) * scale) + offset).Store(scores);
            ((Vector256.ConvertToSingle(high >> 4) * scale) + offset).Store(scores + HalfRows);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(byte* codes, Vector256<sbyte> query, ref Vector256<int> both, ref Vector256<int> high)
    {
        Vector256<byte> bytes = Vector256.Load(codes);
        both = AvxVnni.MultiplyWideningAndAdd(both, bytes, query);
        high = AvxVnni.MultiplyWideningAndAdd(high, bytes & Vector256.Create((byte)0xF0), query);
    }
}

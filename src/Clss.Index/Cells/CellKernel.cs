using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Products of a query with runs of blocks of 8-bit codes: as values, for centroids, and as the rows that may exceed a limit, for rows.
/// All tiers give the same bits: integer sums, then the same two float operations.
/// </summary>
internal static unsafe class CellKernel
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int StrideOf32 = 32;

    /// <summary>The approximate similarity of every code of some blocks [blocks * 16].</summary>
    public static void Scores(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float* scores)
    {
        if (AvxVnni.IsSupported && stride == StrideOf32)
        {
            ScoresVnni32(codes, scales, blocks, query, scores);
        }
        else if (AvxVnni.IsSupported)
        {
            ScoresVnni(codes, scales, blocks, stride, query, scores);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Scores256(codes, scales, blocks, stride, query, scores);
        }
        else
        {
            ScoresScalar(codes, scales, blocks, stride, query, scores);
        }
    }

    /// <summary>Writes for every block the rows that may exceed the limit [blocks], a bit for each of its 16 rows.</summary>
    public static void Exceeding(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float limit, ushort* masks)
    {
        if (AvxVnni.IsSupported && stride == StrideOf32)
        {
            ExceedingVnni32(codes, scales, blocks, query, limit, masks);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Exceeding256(codes, scales, blocks, stride, query, limit, masks);
        }
        else
        {
            ExceedingScalar(codes, scales, blocks, stride, query, limit, masks);
        }
    }

    /// <summary>Vectors of 32 elements: the query's eight words stay in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ScoresVnni32(byte* codes, float* scales, int blocks, in Int8Query query, float* scores)
    {
        Vector256<sbyte> q0 = Vector256.Create(query.Words[0]).AsSByte();
        Vector256<sbyte> q1 = Vector256.Create(query.Words[1]).AsSByte();
        Vector256<sbyte> q2 = Vector256.Create(query.Words[2]).AsSByte();
        Vector256<sbyte> q3 = Vector256.Create(query.Words[3]).AsSByte();
        Vector256<sbyte> q4 = Vector256.Create(query.Words[4]).AsSByte();
        Vector256<sbyte> q5 = Vector256.Create(query.Words[5]).AsSByte();
        Vector256<sbyte> q6 = Vector256.Create(query.Words[6]).AsSByte();
        Vector256<sbyte> q7 = Vector256.Create(query.Words[7]).AsSByte();
        Vector256<int> bias = Vector256.Create(query.Bias);
        float queryScale = query.Scale;
        for (int block = 0; block < blocks; block++, codes += Rows * StrideOf32, scales += 2, scores += Rows)
        {
            Vector256<int> low = AvxVnni.MultiplyWideningAndAdd(bias, Vector256.Load(codes), q0);
            Vector256<int> high = AvxVnni.MultiplyWideningAndAdd(bias, Vector256.Load(codes + 32), q0);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 64), q1);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 96), q1);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 128), q2);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 160), q2);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 192), q3);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 224), q3);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 256), q4);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 288), q4);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 320), q5);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 352), q5);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 384), q6);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 416), q6);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 448), q7);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 480), q7);
            float scale = scales[0] * queryScale;
            (Vector256.ConvertToSingle(low) * scale).Store(scores);
            (Vector256.ConvertToSingle(high) * scale).Store(scores + 8);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ScoresVnni(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float* scores)
    {
        Vector256<int> bias = Vector256.Create(query.Bias);
        for (int block = 0; block < blocks; block++, scores += Rows)
        {
            Vector256<int> low = bias;
            Vector256<int> high = bias;
            for (int group = 0; group < stride / CodeQuantizer.Group; group++, codes += 64)
            {
                Vector256<sbyte> q = Vector256.Create(query.Words[group]).AsSByte();
                low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes), q);
                high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 32), q);
            }

            float scale = scales[2 * block] * query.Scale;
            (Vector256.ConvertToSingle(low) * scale).Store(scores);
            (Vector256.ConvertToSingle(high) * scale).Store(scores + 8);
        }
    }

    public static void Scores256(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float* scores)
    {
        for (int block = 0; block < blocks; block++, codes += Rows * stride, scores += Rows)
        {
            (Vector256<int> low, Vector256<int> high) = Sums256(codes, stride, query);
            float scale = scales[2 * block] * query.Scale;
            (Vector256.ConvertToSingle(low) * scale).Store(scores);
            (Vector256.ConvertToSingle(high) * scale).Store(scores + 8);
        }
    }

    public static void ScoresScalar(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float* scores)
    {
        for (int row = 0; row < blocks * Rows; row++)
        {
            int block = row / Rows;
            scores[row] = SumScalar(codes + ((long)block * Rows * stride), row % Rows, stride, query) * (scales[2 * block] * query.Scale);
        }
    }

    /// <summary>Vectors of 32 elements: the query's eight words stay in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ExceedingVnni32(byte* codes, float* scales, int blocks, in Int8Query query, float limit, ushort* masks)
    {
        Vector256<sbyte> q0 = Vector256.Create(query.Words[0]).AsSByte();
        Vector256<sbyte> q1 = Vector256.Create(query.Words[1]).AsSByte();
        Vector256<sbyte> q2 = Vector256.Create(query.Words[2]).AsSByte();
        Vector256<sbyte> q3 = Vector256.Create(query.Words[3]).AsSByte();
        Vector256<sbyte> q4 = Vector256.Create(query.Words[4]).AsSByte();
        Vector256<sbyte> q5 = Vector256.Create(query.Words[5]).AsSByte();
        Vector256<sbyte> q6 = Vector256.Create(query.Words[6]).AsSByte();
        Vector256<sbyte> q7 = Vector256.Create(query.Words[7]).AsSByte();
        Vector256<int> bias = Vector256.Create(query.Bias);
        float queryScale = query.Scale;
        float perError = query.PerError;
        float constant = query.Constant;
        for (int block = 0; block < blocks; block++, codes += Rows * StrideOf32, scales += 2)
        {
            Vector256<int> low = AvxVnni.MultiplyWideningAndAdd(bias, Vector256.Load(codes), q0);
            Vector256<int> high = AvxVnni.MultiplyWideningAndAdd(bias, Vector256.Load(codes + 32), q0);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 64), q1);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 96), q1);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 128), q2);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 160), q2);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 192), q3);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 224), q3);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 256), q4);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 288), q4);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 320), q5);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 352), q5);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 384), q6);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 416), q6);
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + 448), q7);
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 480), q7);
            float scale = scales[0] * queryScale;
            Vector256<float> limits = Vector256.Create(limit - ((perError * scales[1]) + constant));
            uint lowMask = Vector256.GreaterThan(Vector256.ConvertToSingle(low) * scale, limits).ExtractMostSignificantBits();
            uint highMask = Vector256.GreaterThan(Vector256.ConvertToSingle(high) * scale, limits).ExtractMostSignificantBits();
            masks[block] = (ushort)(lowMask | (highMask << 8));
        }
    }

    public static void Exceeding256(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float limit, ushort* masks)
    {
        for (int block = 0; block < blocks; block++, codes += Rows * stride, scales += 2)
        {
            (Vector256<int> low, Vector256<int> high) = Sums256(codes, stride, query);
            float scale = scales[0] * query.Scale;
            Vector256<float> limits = Vector256.Create(query.Lower(limit, scales[1]));
            uint lowMask = Vector256.GreaterThan(Vector256.ConvertToSingle(low) * scale, limits).ExtractMostSignificantBits();
            uint highMask = Vector256.GreaterThan(Vector256.ConvertToSingle(high) * scale, limits).ExtractMostSignificantBits();
            masks[block] = (ushort)(lowMask | (highMask << 8));
        }
    }

    public static void ExceedingScalar(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float limit, ushort* masks)
    {
        for (int block = 0; block < blocks; block++, codes += Rows * stride, scales += 2)
        {
            int mask = 0;
            for (int row = 0; row < Rows; row++)
            {
                bool exceeds = SumScalar(codes, row, stride, query) * (scales[0] * query.Scale) > query.Lower(limit, scales[1]);
                mask |= exceeds ? 1 << row : 0;
            }

            masks[block] = (ushort)mask;
        }
    }

    /// <summary>Even and odd bytes as 16-bit lanes, multiplied and added in pairs: a product of a code and a query code fits in 16 bits signed.</summary>
    private static (Vector256<int> Low, Vector256<int> High) Sums256(byte* codes, int stride, in Int8Query query)
    {
        Vector256<int> low = Vector256.Create(query.Bias);
        Vector256<int> high = low;
        for (int group = 0; group < stride / CodeQuantizer.Group; group++, codes += 64)
        {
            Vector256<short> q = Vector256.Create(query.Words[group]).AsInt16();
            Vector256<short> even = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(q, 8), 8);
            Vector256<short> odd = Vector256.ShiftRightArithmetic(q, 8);
            low += Int8Kernel.Products256(Vector256.Load(codes), even, odd);
            high += Int8Kernel.Products256(Vector256.Load(codes + 32), even, odd);
        }

        return (low, high);
    }

    private static int SumScalar(byte* codes, int row, int stride, in Int8Query query)
    {
        int sum = query.Bias;
        for (int j = 0; j < stride; j++)
        {
            sum += codes[(j / CodeQuantizer.Group * 64) + (row * CodeQuantizer.Group) + (j % CodeQuantizer.Group)] * ((sbyte*)query.Words)[j];
        }

        return sum;
    }
}

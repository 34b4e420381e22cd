using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Cells;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>Finds which rows of a tile may exceed a limit: one query, 8-bit codes. The bound of each block of 16 rows is taken off its limit.</summary>
internal static unsafe class Int8Kernel
{
    private const int StrideOf32 = 32;

    /// <summary>The rows of a tile (4 blocks of codes) that may exceed the limit, a bit for each.</summary>
    public static ulong Exceeding(byte* codes, float* scales, int stride, in Int8Query query, float limit)
    {
        if (AvxVnni.IsSupported)
        {
            return ExceedingVnni(codes, scales, stride, query, limit);
        }

        if (Vector256.IsHardwareAccelerated)
        {
            return Exceeding256(codes, scales, stride, query, limit);
        }

        return Vector128.IsHardwareAccelerated ? Exceeding128(codes, scales, stride, query, limit) : ExceedingScalar(codes, scales, stride, query, limit);
    }

    /// <summary>8 rows in the lanes of a register; each step multiplies four codes of every row by the query's four and adds the products to the lane.</summary>
    public static ulong ExceedingVnni(byte* codes, float* scales, int stride, in Int8Query query, float limit)
    {
        ulong mask = 0;
        if (stride == StrideOf32)
        {
            CellKernel.ExceedingVnni32(codes, scales, VectorLayout.TileRows / VectorLayout.CodeBlockRows, query, limit, (ushort*)&mask);
            return mask;
        }

        for (int block = 0; block < 4; block++, scales += 2)
        {
            Vector256<int> low = Vector256.Create(query.Bias);
            Vector256<int> high = low;
            for (int group = 0; group < stride / CodeQuantizer.Group; group++, codes += 64)
            {
                Vector256<sbyte> q = Vector256.Create(query.Words[group]).AsSByte();
                low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes), q);
                high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + 32), q);
            }

            mask |= (ulong)Compare(low, high, scales, query, limit) << (16 * block);
        }

        return mask;
    }

    /// <summary>Even and odd bytes as 16-bit lanes: a product of a code (at most 255) and a query code (at most 127) fits in 16 bits signed.</summary>
    public static ulong Exceeding256(byte* codes, float* scales, int stride, in Int8Query query, float limit)
    {
        ulong mask = 0;
        for (int block = 0; block < 4; block++, scales += 2)
        {
            Vector256<int> low = Vector256.Create(query.Bias);
            Vector256<int> high = low;
            for (int group = 0; group < stride / CodeQuantizer.Group; group++, codes += 64)
            {
                Vector256<short> q = Vector256.Create(query.Words[group]).AsInt16();
                Vector256<short> even = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(q, 8), 8);
                Vector256<short> odd = Vector256.ShiftRightArithmetic(q, 8);
                low += Products256(Vector256.Load(codes), even, odd);
                high += Products256(Vector256.Load(codes + 32), even, odd);
            }

            mask |= (ulong)Compare(low, high, scales, query, limit) << (16 * block);
        }

        return mask;
    }

    public static ulong Exceeding128(byte* codes, float* scales, int stride, in Int8Query query, float limit)
    {
        ulong mask = 0;
        for (int quarter = 0; quarter < 16; quarter++)
        {
            int block = quarter / 4;
            byte* lane = codes + (block * CodeQuantizer.BlockBytes(stride)) + (quarter % 4 * 16);
            Vector128<int> sums = Vector128.Create(query.Bias);
            for (int group = 0; group < stride / CodeQuantizer.Group; group++, lane += 64)
            {
                Vector128<short> q = Vector128.Create(query.Words[group]).AsInt16();
                Vector128<short> even = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(q, 8), 8);
                Vector128<short> odd = Vector128.ShiftRightArithmetic(q, 8);
                sums += Products128(Vector128.Load(lane), even, odd);
            }

            Vector128<float> values = Vector128.ConvertToSingle(sums) * (scales[2 * block] * query.Scale);
            Vector128<float> limits = Vector128.Create(query.Lower(limit, scales[(2 * block) + 1]));
            mask |= (ulong)Vector128.GreaterThan(values, limits).ExtractMostSignificantBits() << (4 * quarter);
        }

        return mask;
    }

    public static ulong ExceedingScalar(byte* codes, float* scales, int stride, in Int8Query query, float limit)
    {
        ulong mask = 0;
        for (int row = 0; row < VectorLayout.TileRows; row++)
        {
            int block = row / VectorLayout.CodeBlockRows;
            byte* lane = codes + (block * CodeQuantizer.BlockBytes(stride)) + (row % VectorLayout.CodeBlockRows * CodeQuantizer.Group);
            int sum = query.Bias;
            for (int j = 0; j < stride; j++)
            {
                sum += lane[(j / CodeQuantizer.Group * 64) + (j % CodeQuantizer.Group)] * ((sbyte*)query.Words)[j];
            }

            bool exceeds = sum * (scales[2 * block] * query.Scale) > query.Lower(limit, scales[(2 * block) + 1]);
            mask |= exceeds ? 1UL << row : 0;
        }

        return mask;
    }

    public static Vector256<int> Products256(Vector256<byte> codes, Vector256<short> even, Vector256<short> odd)
    {
        Vector256<short> evenCodes = codes.AsInt16() & Vector256.Create((short)0xFF);
        Vector256<short> oddCodes = Vector256.ShiftRightLogical(codes.AsInt16(), 8);
        if (Avx2.IsSupported)
        {
            return Avx2.MultiplyAddAdjacent(evenCodes, even) + Avx2.MultiplyAddAdjacent(oddCodes, odd);
        }

        return SumPairs(evenCodes * even) + SumPairs(oddCodes * odd);
    }

    private static Vector128<int> Products128(Vector128<byte> codes, Vector128<short> even, Vector128<short> odd)
    {
        Vector128<short> evenCodes = codes.AsInt16() & Vector128.Create((short)0xFF);
        Vector128<short> oddCodes = Vector128.ShiftRightLogical(codes.AsInt16(), 8);
        return SumPairs(evenCodes * even) + SumPairs(oddCodes * odd);
    }

    private static Vector256<int> SumPairs(Vector256<short> products) =>
        Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(products.AsInt32(), 16), 16) + Vector256.ShiftRightArithmetic(products.AsInt32(), 16);

    private static Vector128<int> SumPairs(Vector128<short> products) =>
        Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(products.AsInt32(), 16), 16) + Vector128.ShiftRightArithmetic(products.AsInt32(), 16);

    private static uint Compare(Vector256<int> low, Vector256<int> high, float* scales, in Int8Query query, float limit)
    {
        float scale = scales[0] * query.Scale;
        Vector256<float> limits = Vector256.Create(query.Lower(limit, scales[1]));
        uint lowMask = Vector256.GreaterThan(Vector256.ConvertToSingle(low) * scale, limits).ExtractMostSignificantBits();
        uint highMask = Vector256.GreaterThan(Vector256.ConvertToSingle(high) * scale, limits).ExtractMostSignificantBits();
        return lowMask | (highMask << 8);
    }
}

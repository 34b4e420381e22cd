using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// <see cref="CellKernel"/> for vectors of 32 elements on processors without AVX-VNNI: bytes are multiplied and added in pairs, then pairs of sums.
/// </summary>
internal static unsafe class MultiplyAddKernel
{
    private const int Rows = VectorLayout.CodeBlockRows;
    private const int Stride = 32;

    /// <summary>Whether this processor has it.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    public static void Scores(byte* codes, float* scales, int blocks, in Int8Query query, float* scores)
    {
        if (Avx512BW.IsSupported)
        {
            Scores512(codes, scales, blocks, query, scores);
        }
        else
        {
            Scores256(codes, scales, blocks, query, scores);
        }
    }

    public static void Exceeding(byte* codes, float* scales, int blocks, in Int8Query query, float limit, ushort* masks)
    {
        if (Avx512BW.IsSupported)
        {
            Exceeding512(codes, scales, blocks, query, limit, masks);
        }
        else
        {
            Exceeding256(codes, scales, blocks, query, limit, masks);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Scores512(byte* codes, float* scales, int blocks, in Int8Query query, float* scores)
    {
        uint* room = stackalloc uint[SignedQuery.Length];
        var signed = new SignedQuery(query, room);
        for (int block = 0; block < blocks; block++, codes += Rows * Stride)
        {
            (Vector512.ConvertToSingle(Sums512(codes, signed)) * (scales[2 * block] * query.Scale)).Store(scores + (block * Rows));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceeding512(byte* codes, float* scales, int blocks, in Int8Query query, float limit, ushort* masks)
    {
        uint* room = stackalloc uint[SignedQuery.Length];
        var signed = new SignedQuery(query, room);
        for (int block = 0; block < blocks; block++, codes += Rows * Stride, scales += 2)
        {
            Vector512<float> values = Vector512.ConvertToSingle(Sums512(codes, signed)) * (scales[0] * query.Scale);
            masks[block] = (ushort)Vector512.GreaterThan(values, Vector512.Create(query.Lower(limit, scales[1]))).ExtractMostSignificantBits();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Scores256(byte* codes, float* scales, int blocks, in Int8Query query, float* scores)
    {
        uint* room = stackalloc uint[SignedQuery.Length];
        var signed = new SignedQuery(query, room);
        for (int block = 0; block < blocks; block++, codes += Rows * Stride)
        {
            float scale = scales[2 * block] * query.Scale;
            (Vector256.ConvertToSingle(Sums256(codes, signed)) * scale).Store(scores + (block * Rows));
            (Vector256.ConvertToSingle(Sums256(codes + 32, signed)) * scale).Store(scores + (block * Rows) + 8);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Exceeding256(byte* codes, float* scales, int blocks, in Int8Query query, float limit, ushort* masks)
    {
        uint* room = stackalloc uint[SignedQuery.Length];
        var signed = new SignedQuery(query, room);
        for (int block = 0; block < blocks; block++, codes += Rows * Stride, scales += 2)
        {
            float scale = scales[0] * query.Scale;
            Vector256<float> limits = Vector256.Create(query.Lower(limit, scales[1]));
            uint low = Vector256.GreaterThan(Vector256.ConvertToSingle(Sums256(codes, signed)) * scale, limits).ExtractMostSignificantBits();
            uint high = Vector256.GreaterThan(Vector256.ConvertToSingle(Sums256(codes + 32, signed)) * scale, limits).ExtractMostSignificantBits();
            masks[block] = (ushort)(low | (high << 8));
        }
    }

    /// <summary>The products of a block's 16 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Sums512(byte* codes, in SignedQuery query)
    {
        Vector512<short> ones = Vector512<short>.One;
        Vector512<int> sums = Vector512.Create(query.Start);
        for (int word = 0; word < SignedQuery.Words; word++)
        {
            Vector512<sbyte> signed = (Vector512.Load(codes + (64 * word)) ^ query.Flips512(word)).AsSByte();
            sums += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(query.Magnitudes512(word), signed), ones);
        }

        return sums;
    }

    /// <summary>The products of 8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sums256(byte* codes, in SignedQuery query)
    {
        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> sums = Vector256.Create(query.Start);
        for (int word = 0; word < SignedQuery.Words; word++)
        {
            Vector256<sbyte> signed = (Vector256.Load(codes + (64 * word)) ^ query.Flips256(word)).AsSByte();
            sums += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(query.Magnitudes256(word), signed), ones);
        }

        return sums;
    }
}

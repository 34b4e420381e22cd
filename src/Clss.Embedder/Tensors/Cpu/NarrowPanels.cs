using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// Panels of floats out of rows of bfloat16. Two neighbouring numbers of a row make one 32-bit word; a block of words is transposed, and each
/// word then gives two floats: its lower half moved up, and its upper half as it stands. So the transposition moves half the bytes it would move
/// of floats, and widening costs a tenth of a cycle per number with 512-bit registers.
/// </summary>
internal static unsafe class NarrowPanels
{
    private const uint UpperHalf = 0xFFFF0000;
    private const int HalfWidth = 16;

    /// <summary>
    /// panel [inputs, lanes], its rows <paramref name="stride"/> floats apart = the transpose of source [count, inputs], zero in lanes from
    /// <paramref name="count"/> on.
    /// </summary>
    public static void Widen(ushort* source, int inputs, int count, int lanes, float* panel, int stride)
    {
        int lane = 0;
        if (lanes == Vector512<float>.Count && count == lanes && Avx512F.IsSupported)
        {
            int done = WidenSixteenRows(source, inputs, panel, stride);
            WidenScalar(source, inputs, done, 0, lanes, panel, stride);
            return;
        }

        if (Sse2.IsSupported)
        {
            for (; lane <= count - Vector128<uint>.Count; lane += Vector128<uint>.Count)
            {
                ushort* rows = source + ((nint)lane * inputs);
                int done = WidenFourRows(rows, inputs, panel + lane, stride);
                WidenScalar(rows, inputs, done, 0, Vector128<uint>.Count, panel + lane, stride);
            }
        }

        WidenScalar(source, inputs, 0, lane, count, panel, stride);
        for (int input = 0; input < inputs; input++)
        {
            new Span<float>(panel + ((nint)input * stride) + count, lanes - count).Clear();
        }
    }

    private static void WidenScalar(ushort* source, int inputs, int start, int laneStart, int laneEnd, float* panel, int stride)
    {
        for (int lane = laneStart; lane < laneEnd; lane++)
        {
            for (int input = start; input < inputs; input++)
            {
                panel[((nint)input * stride) + lane] = BitConverter.UInt32BitsToSingle((uint)source[((nint)lane * inputs) + input] << HalfWidth);
            }
        }
    }

    /// <summary>Blocks of 4 rows by 8 numbers; returns the inputs done.</summary>
    private static int WidenFourRows(ushort* source, int inputs, float* panel, int stride)
    {
        int input = 0;
        for (; input <= inputs - (2 * Vector128<uint>.Count); input += 2 * Vector128<uint>.Count)
        {
            Vector128<uint> a = Vector128.Load((uint*)(source + input)), b = Vector128.Load((uint*)(source + inputs + input));
            Vector128<uint> c = Vector128.Load((uint*)(source + (2 * (nint)inputs) + input)), d = Vector128.Load((uint*)(source + (3 * (nint)inputs) + input));
            Vector128<ulong> abLow = Sse2.UnpackLow(a, b).AsUInt64(), abHigh = Sse2.UnpackHigh(a, b).AsUInt64();
            Vector128<ulong> cdLow = Sse2.UnpackLow(c, d).AsUInt64(), cdHigh = Sse2.UnpackHigh(c, d).AsUInt64();
            float* target = panel + ((nint)input * stride);
            StoreFour(Sse2.UnpackLow(abLow, cdLow).AsUInt32(), target, stride);
            StoreFour(Sse2.UnpackHigh(abLow, cdLow).AsUInt32(), target + (2 * stride), stride);
            StoreFour(Sse2.UnpackLow(abHigh, cdHigh).AsUInt32(), target + (4 * stride), stride);
            StoreFour(Sse2.UnpackHigh(abHigh, cdHigh).AsUInt32(), target + (6 * stride), stride);
        }

        return input;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(Vector128<uint> words, float* target, int stride)
    {
        (words << HalfWidth).AsSingle().Store(target);
        (words & Vector128.Create(UpperHalf)).AsSingle().Store(target + stride);
    }

    /// <summary>Blocks of 16 rows by 32 numbers: words by pairs, then by fours, then whole 128-bit parts; returns the inputs done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int WidenSixteenRows(ushort* source, int inputs, float* panel, int stride)
    {
        int input = 0;
        for (; input <= inputs - (2 * Vector512<uint>.Count); input += 2 * Vector512<uint>.Count)
        {
            ushort* at = source + input;
            FourRows(at, inputs, out Vector512<uint> a0, out Vector512<uint> a1, out Vector512<uint> a2, out Vector512<uint> a3);
            FourRows(at + (4 * (nint)inputs), inputs, out Vector512<uint> b0, out Vector512<uint> b1, out Vector512<uint> b2, out Vector512<uint> b3);
            FourRows(at + (8 * (nint)inputs), inputs, out Vector512<uint> c0, out Vector512<uint> c1, out Vector512<uint> c2, out Vector512<uint> c3);
            FourRows(at + (12 * (nint)inputs), inputs, out Vector512<uint> d0, out Vector512<uint> d1, out Vector512<uint> d2, out Vector512<uint> d3);
            float* target = panel + ((nint)input * stride);
            StoreEveryFourth(a0, b0, c0, d0, target, stride);
            StoreEveryFourth(a1, b1, c1, d1, target + (2 * stride), stride);
            StoreEveryFourth(a2, b2, c2, d2, target + (4 * stride), stride);
            StoreEveryFourth(a3, b3, c3, d3, target + (6 * stride), stride);
        }

        return input;
    }

    /// <summary>Four rows of 16 words: in part p of result k, word 4 p + k of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRows(
        ushort* source, nint stride, out Vector512<uint> r0, out Vector512<uint> r1, out Vector512<uint> r2, out Vector512<uint> r3)
    {
        Vector512<uint> a = Vector512.Load((uint*)source), b = Vector512.Load((uint*)(source + stride));
        Vector512<uint> c = Vector512.Load((uint*)(source + (2 * stride))), d = Vector512.Load((uint*)(source + (3 * stride)));
        Vector512<ulong> abLow = Avx512F.UnpackLow(a, b).AsUInt64(), abHigh = Avx512F.UnpackHigh(a, b).AsUInt64();
        Vector512<ulong> cdLow = Avx512F.UnpackLow(c, d).AsUInt64(), cdHigh = Avx512F.UnpackHigh(c, d).AsUInt64();
        r0 = Avx512F.UnpackLow(abLow, cdLow).AsUInt32();
        r1 = Avx512F.UnpackHigh(abLow, cdLow).AsUInt32();
        r2 = Avx512F.UnpackLow(abHigh, cdHigh).AsUInt32();
        r3 = Avx512F.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    /// <summary>Brings part p of the four arguments together, p = 0..3, and stores the words that are then 4 p words, or 8 p numbers, further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEveryFourth(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, float* target, int stride)
    {
        const byte evenParts = 0b10_00_10_00, oddParts = 0b11_01_11_01;
        Vector512<uint> abEven = Avx512F.Shuffle4x128(a, b, evenParts), cdEven = Avx512F.Shuffle4x128(c, d, evenParts);
        Vector512<uint> abOdd = Avx512F.Shuffle4x128(a, b, oddParts), cdOdd = Avx512F.Shuffle4x128(c, d, oddParts);
        StoreSixteen(Avx512F.Shuffle4x128(abEven, cdEven, evenParts), target, stride);
        StoreSixteen(Avx512F.Shuffle4x128(abOdd, cdOdd, evenParts), target + (8 * stride), stride);
        StoreSixteen(Avx512F.Shuffle4x128(abEven, cdEven, oddParts), target + (16 * stride), stride);
        StoreSixteen(Avx512F.Shuffle4x128(abOdd, cdOdd, oddParts), target + (24 * stride), stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSixteen(Vector512<uint> words, float* target, int stride)
    {
        (words << HalfWidth).AsSingle().Store(target);
        (words & Vector512.Create(UpperHalf)).AsSingle().Store(target + stride);
    }
}

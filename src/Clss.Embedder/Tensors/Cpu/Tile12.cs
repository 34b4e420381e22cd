using System.Runtime.CompilerServices;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// The innermost loops: 12 rows by two registers, whose 24 sums stay in registers
/// (24 + 2 columns + 1 broadcast = 27 of 32).
/// Each sum is one chain of multiply-adds in the order of the depth, wherever in the tile it stands.
/// </summary>
internal static unsafe class Tile12<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    public const int Rows = 12;

    /// <summary>
    /// tile [Rows, Columns] = left [Rows, depth] times right [depth, Columns];
    /// rows of <paramref name="left"/> are <paramref name="leftStride"/> floats apart, the others lie close.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* left, nint leftStride, float* right, int depth, float* tile)
    {
        int lanes = TLanes.Count;
        TLanes s0a = default, s0b = default;
        TLanes s1a = default, s1b = default;
        TLanes s2a = default, s2b = default;
        TLanes s3a = default, s3b = default;
        TLanes s4a = default, s4b = default;
        TLanes s5a = default, s5b = default;
        TLanes s6a = default, s6b = default;
        TLanes s7a = default, s7b = default;
        TLanes s8a = default, s8b = default;
        TLanes s9a = default, s9b = default;
        TLanes s10a = default, s10b = default;
        TLanes s11a = default, s11b = default;

        // Three rows to a base pointer: all 12 are then within reach of base + stride and base + 2 stride.
        nint stride = leftStride, stride2 = 2 * leftStride;
        float* p0 = left + (0 * stride);
        float* p3 = left + (3 * stride);
        float* p6 = left + (6 * stride);
        float* p9 = left + (9 * stride);
        for (int k = 0; k < depth; k++)
        {
            TLanes a = TLanes.Load(right);
            TLanes b = TLanes.Load(right + lanes);
            right += 2 * lanes;
            TLanes x0 = TLanes.Broadcast(*p0);
            s0a = TLanes.MultiplyAdd(x0, a, s0a);
            s0b = TLanes.MultiplyAdd(x0, b, s0b);
            TLanes x1 = TLanes.Broadcast(p0[stride]);
            s1a = TLanes.MultiplyAdd(x1, a, s1a);
            s1b = TLanes.MultiplyAdd(x1, b, s1b);
            TLanes x2 = TLanes.Broadcast(p0[stride2]);
            s2a = TLanes.MultiplyAdd(x2, a, s2a);
            s2b = TLanes.MultiplyAdd(x2, b, s2b);
            TLanes x3 = TLanes.Broadcast(*p3);
            s3a = TLanes.MultiplyAdd(x3, a, s3a);
            s3b = TLanes.MultiplyAdd(x3, b, s3b);
            TLanes x4 = TLanes.Broadcast(p3[stride]);
            s4a = TLanes.MultiplyAdd(x4, a, s4a);
            s4b = TLanes.MultiplyAdd(x4, b, s4b);
            TLanes x5 = TLanes.Broadcast(p3[stride2]);
            s5a = TLanes.MultiplyAdd(x5, a, s5a);
            s5b = TLanes.MultiplyAdd(x5, b, s5b);
            TLanes x6 = TLanes.Broadcast(*p6);
            s6a = TLanes.MultiplyAdd(x6, a, s6a);
            s6b = TLanes.MultiplyAdd(x6, b, s6b);
            TLanes x7 = TLanes.Broadcast(p6[stride]);
            s7a = TLanes.MultiplyAdd(x7, a, s7a);
            s7b = TLanes.MultiplyAdd(x7, b, s7b);
            TLanes x8 = TLanes.Broadcast(p6[stride2]);
            s8a = TLanes.MultiplyAdd(x8, a, s8a);
            s8b = TLanes.MultiplyAdd(x8, b, s8b);
            TLanes x9 = TLanes.Broadcast(*p9);
            s9a = TLanes.MultiplyAdd(x9, a, s9a);
            s9b = TLanes.MultiplyAdd(x9, b, s9b);
            TLanes x10 = TLanes.Broadcast(p9[stride]);
            s10a = TLanes.MultiplyAdd(x10, a, s10a);
            s10b = TLanes.MultiplyAdd(x10, b, s10b);
            TLanes x11 = TLanes.Broadcast(p9[stride2]);
            s11a = TLanes.MultiplyAdd(x11, a, s11a);
            s11b = TLanes.MultiplyAdd(x11, b, s11b);
            p0++;
            p3++;
            p6++;
            p9++;
        }

        s0a.Store(tile + (0 * lanes));
        s0b.Store(tile + (1 * lanes));
        s1a.Store(tile + (2 * lanes));
        s1b.Store(tile + (3 * lanes));
        s2a.Store(tile + (4 * lanes));
        s2b.Store(tile + (5 * lanes));
        s3a.Store(tile + (6 * lanes));
        s3b.Store(tile + (7 * lanes));
        s4a.Store(tile + (8 * lanes));
        s4b.Store(tile + (9 * lanes));
        s5a.Store(tile + (10 * lanes));
        s5b.Store(tile + (11 * lanes));
        s6a.Store(tile + (12 * lanes));
        s6b.Store(tile + (13 * lanes));
        s7a.Store(tile + (14 * lanes));
        s7b.Store(tile + (15 * lanes));
        s8a.Store(tile + (16 * lanes));
        s8b.Store(tile + (17 * lanes));
        s9a.Store(tile + (18 * lanes));
        s9b.Store(tile + (19 * lanes));
        s10a.Store(tile + (20 * lanes));
        s10b.Store(tile + (21 * lanes));
        s11a.Store(tile + (22 * lanes));
        s11b.Store(tile + (23 * lanes));
    }

    /// <summary>
    /// tile [Rows, Columns] += the transpose of left [depth, Rows] times right [depth, Columns];
    /// rows of <paramref name="left"/> are <paramref name="leftStride"/> floats apart, the others lie close.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AccumulateTransposed(float* left, nint leftStride, float* right, int depth, float* tile)
    {
        int lanes = TLanes.Count;
        TLanes s0a = TLanes.Load(tile + (0 * lanes)), s0b = TLanes.Load(tile + (1 * lanes));
        TLanes s1a = TLanes.Load(tile + (2 * lanes)), s1b = TLanes.Load(tile + (3 * lanes));
        TLanes s2a = TLanes.Load(tile + (4 * lanes)), s2b = TLanes.Load(tile + (5 * lanes));
        TLanes s3a = TLanes.Load(tile + (6 * lanes)), s3b = TLanes.Load(tile + (7 * lanes));
        TLanes s4a = TLanes.Load(tile + (8 * lanes)), s4b = TLanes.Load(tile + (9 * lanes));
        TLanes s5a = TLanes.Load(tile + (10 * lanes)), s5b = TLanes.Load(tile + (11 * lanes));
        TLanes s6a = TLanes.Load(tile + (12 * lanes)), s6b = TLanes.Load(tile + (13 * lanes));
        TLanes s7a = TLanes.Load(tile + (14 * lanes)), s7b = TLanes.Load(tile + (15 * lanes));
        TLanes s8a = TLanes.Load(tile + (16 * lanes)), s8b = TLanes.Load(tile + (17 * lanes));
        TLanes s9a = TLanes.Load(tile + (18 * lanes)), s9b = TLanes.Load(tile + (19 * lanes));
        TLanes s10a = TLanes.Load(tile + (20 * lanes)), s10b = TLanes.Load(tile + (21 * lanes));
        TLanes s11a = TLanes.Load(tile + (22 * lanes)), s11b = TLanes.Load(tile + (23 * lanes));
        for (int k = 0; k < depth; k++)
        {
            TLanes a = TLanes.Load(right);
            TLanes b = TLanes.Load(right + lanes);
            right += 2 * lanes;
            TLanes x0 = TLanes.Broadcast(left[0]);
            s0a = TLanes.MultiplyAdd(x0, a, s0a);
            s0b = TLanes.MultiplyAdd(x0, b, s0b);
            TLanes x1 = TLanes.Broadcast(left[1]);
            s1a = TLanes.MultiplyAdd(x1, a, s1a);
            s1b = TLanes.MultiplyAdd(x1, b, s1b);
            TLanes x2 = TLanes.Broadcast(left[2]);
            s2a = TLanes.MultiplyAdd(x2, a, s2a);
            s2b = TLanes.MultiplyAdd(x2, b, s2b);
            TLanes x3 = TLanes.Broadcast(left[3]);
            s3a = TLanes.MultiplyAdd(x3, a, s3a);
            s3b = TLanes.MultiplyAdd(x3, b, s3b);
            TLanes x4 = TLanes.Broadcast(left[4]);
            s4a = TLanes.MultiplyAdd(x4, a, s4a);
            s4b = TLanes.MultiplyAdd(x4, b, s4b);
            TLanes x5 = TLanes.Broadcast(left[5]);
            s5a = TLanes.MultiplyAdd(x5, a, s5a);
            s5b = TLanes.MultiplyAdd(x5, b, s5b);
            TLanes x6 = TLanes.Broadcast(left[6]);
            s6a = TLanes.MultiplyAdd(x6, a, s6a);
            s6b = TLanes.MultiplyAdd(x6, b, s6b);
            TLanes x7 = TLanes.Broadcast(left[7]);
            s7a = TLanes.MultiplyAdd(x7, a, s7a);
            s7b = TLanes.MultiplyAdd(x7, b, s7b);
            TLanes x8 = TLanes.Broadcast(left[8]);
            s8a = TLanes.MultiplyAdd(x8, a, s8a);
            s8b = TLanes.MultiplyAdd(x8, b, s8b);
            TLanes x9 = TLanes.Broadcast(left[9]);
            s9a = TLanes.MultiplyAdd(x9, a, s9a);
            s9b = TLanes.MultiplyAdd(x9, b, s9b);
            TLanes x10 = TLanes.Broadcast(left[10]);
            s10a = TLanes.MultiplyAdd(x10, a, s10a);
            s10b = TLanes.MultiplyAdd(x10, b, s10b);
            TLanes x11 = TLanes.Broadcast(left[11]);
            s11a = TLanes.MultiplyAdd(x11, a, s11a);
            s11b = TLanes.MultiplyAdd(x11, b, s11b);
            left += leftStride;
        }

        s0a.Store(tile + (0 * lanes));
        s0b.Store(tile + (1 * lanes));
        s1a.Store(tile + (2 * lanes));
        s1b.Store(tile + (3 * lanes));
        s2a.Store(tile + (4 * lanes));
        s2b.Store(tile + (5 * lanes));
        s3a.Store(tile + (6 * lanes));
        s3b.Store(tile + (7 * lanes));
        s4a.Store(tile + (8 * lanes));
        s4b.Store(tile + (9 * lanes));
        s5a.Store(tile + (10 * lanes));
        s5b.Store(tile + (11 * lanes));
        s6a.Store(tile + (12 * lanes));
        s6b.Store(tile + (13 * lanes));
        s7a.Store(tile + (14 * lanes));
        s7b.Store(tile + (15 * lanes));
        s8a.Store(tile + (16 * lanes));
        s8b.Store(tile + (17 * lanes));
        s9a.Store(tile + (18 * lanes));
        s9b.Store(tile + (19 * lanes));
        s10a.Store(tile + (20 * lanes));
        s10b.Store(tile + (21 * lanes));
        s11a.Store(tile + (22 * lanes));
        s11b.Store(tile + (23 * lanes));
    }
}

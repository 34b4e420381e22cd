using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Flat;

/// <summary>
/// Every kernel in every width against exact sums: a row above the limit by any amount must be found, and a row below it by more than twice the
/// bound must not.
/// </summary>
[Trait("Tier", "any")]
public sealed unsafe class KernelTests
{
    private const int Rows = VectorLayout.TileRows;

    public static TheoryData<int> Strides => new(Enumerable.Range(1, 16).Select(i => i * 16));

    private delegate ulong Kernel(float* rows, float* query, float limit);

    [Theory]
    [MemberData(nameof(Strides))]
    public void Exceeding_OfFloat32_IsWithinTheBound(int stride)
    {
        using var tile = new Tile(stride, stride);
        float bound = ErrorBound.Float32(stride);
        tile.Check(bound, (rows, query, limit) => Float32Kernel.Exceeding(rows, stride, query, limit - bound));
        tile.Check(bound, (rows, query, limit) => Float32Kernel.Exceeding128(rows, stride, query, limit - bound));
        tile.Check(bound, (rows, query, limit) => Float32Kernel.ExceedingScalar(rows, stride, query, limit - bound));
        if (Avx.IsSupported)
        {
            tile.Check(bound, (rows, query, limit) => Float32Kernel.Exceeding256(rows, stride, query, limit - bound));
        }
    }

    [Theory]
    [MemberData(nameof(Strides))]
    public void Exceeding_OfFloat32Batches_IsWithinTheBound(int stride)
    {
        using var tile = new Tile(stride, stride + 1000);
        float bound = ErrorBound.Float32(stride);
        var transposed = (float*)NativeMemory.AlignedAlloc((nuint)(Rows * stride * sizeof(float)), 64);
        using var groups = new QueryGroups(stride, 3);
        for (int i = 0; i < stride; i++)
        {
            groups.Rows[stride + i] = tile.Query[i];
            groups.Rows[i] = i == 0 ? 1 : 0;
            groups.Rows[(2 * stride) + i] = i == stride - 1 ? 1 : 0;
        }

        groups.Prepare();
        foreach (int variant in (int[])[0, 128, 256, 512, 1])
        {
            tile.Check(bound, (rows, _, limit) =>
            {
                Float32BatchKernel.Transpose(rows, stride, transposed);
                float* limits = stackalloc float[4] { 0.3f, limit - bound, float.NegativeInfinity, float.PositiveInfinity };
                ulong* masks = stackalloc ulong[4];
                switch (variant)
                {
                    case 128: Float32BatchKernel.Exceeding128(transposed, stride, groups.Interleaved, limits, masks); break;
                    case 256: Float32BatchKernel.Exceeding256(transposed, stride, groups.Interleaved, limits, masks); break;
                    case 512: Float32BatchKernel.Exceeding512(transposed, stride, groups.Interleaved, limits, masks); break;
                    case 1: Float32BatchKernel.ExceedingScalar(transposed, stride, groups.Interleaved, limits, masks); break;
                    default: Float32BatchKernel.Exceeding(transposed, stride, groups.Interleaved, limits, masks); break;
                }

                Assert.Equal(ulong.MaxValue, masks[2]);
                Assert.Equal(0UL, masks[3]);
                for (int row = 0; row < Rows; row++)
                {
                    Assert.Equal(rows[row * stride] > 0.3f, (masks[0] & (1UL << row)) != 0);
                }

                return masks[1];
            });
        }

        NativeMemory.AlignedFree(transposed);
    }

    [Theory]
    [MemberData(nameof(Strides))]
    public void Transpose_InEveryWidth_MovesEveryElement(int stride)
    {
        using var tile = new Tile(stride, 5);
        var expected = new float[Rows * stride];
        var found = new float[Rows * stride];
        fixed (float* a = expected)
        fixed (float* b = found)
        {
            Float32BatchKernel.TransposeScalar(tile.Rows, stride, a);
            Float32BatchKernel.Transpose(tile.Rows, stride, b);
        }

        Assert.Equal(tile.Rows[(3 * stride) + 7], expected[(7 * Rows) + 3]);
        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(Strides))]
    public void Exceeding_OfInt8_NeverDropsARowAboveTheLimit(int stride)
    {
        using var tile = new Tile(stride, stride + 2000);
        var words = new int[stride / 4];
        fixed (int* wordPointer = words)
        {
            int* pointer = wordPointer;
            var query = new Int8Query(tile.Query, stride, pointer);
            float bound = 1 - query.Lower(1, tile.Scales.Where((_, i) => i % 2 == 1).Max());
            Assert.InRange(bound, 0, 0.05f);
            fixed (byte* codePointer = tile.Codes)
            fixed (float* scalePointer = tile.Scales)
            {
                byte* codes = codePointer;
                float* scales = scalePointer;
                tile.Check(bound, (_, _, limit) => Int8Kernel.Exceeding(codes, scales, stride, query, limit));
                tile.Check(bound, (_, _, limit) => Int8Kernel.Exceeding256(codes, scales, stride, query, limit));
                tile.Check(bound, (_, _, limit) => Int8Kernel.Exceeding128(codes, scales, stride, query, limit));
                tile.Check(bound, (_, _, limit) => Int8Kernel.ExceedingScalar(codes, scales, stride, query, limit));
                CheckBatch(tile, stride, bound, codes, scales);
            }
        }
    }

    private static void CheckBatch(Tile tile, int stride, float bound, byte* codes, float* scales)
    {
        using var groups = new QueryGroups(stride, 2);
        new ReadOnlySpan<float>(tile.Query, stride).CopyTo(new Span<float>(groups.Rows, stride));
        new ReadOnlySpan<float>(tile.Query, stride).CopyTo(new Span<float>(groups.Rows + stride, stride));
        groups.Prepare();
        tile.Check(bound, (_, _, limit) =>
        {
            float* limits = stackalloc float[4] { float.NegativeInfinity, limit, float.PositiveInfinity, float.PositiveInfinity };
            ulong* masks = stackalloc ulong[4];
            Int8BatchKernel.Exceeding(codes, scales, groups, 0, limits, masks);
            Assert.Equal(ulong.MaxValue, masks[0]);
            Assert.Equal(0UL, masks[2] | masks[3]);
            return masks[1];
        });
    }

    /// <summary>64 random unit rows, some equal to the query or its opposite, with their codes.</summary>
    private sealed class Tile : IDisposable
    {
        private readonly int _stride;

        public Tile(int stride, int seed)
        {
            _stride = stride;
            Rows = (float*)NativeMemory.AlignedAlloc((nuint)(64 * stride * sizeof(float)), 64);
            Query = (float*)NativeMemory.AlignedAlloc((nuint)(stride * sizeof(float)), 64);
            float[] query = Samples.Unit(seed, stride);
            query.CopyTo(new Span<float>(Query, stride));
            for (int row = 0; row < 64; row++)
            {
                float[] vector = (row % 8) switch { 0 => query, 1 => [.. query.Select(x => -x)], _ => Samples.Unit((seed * 100) + row, stride) };
                vector.CopyTo(new Span<float>(Rows + (row * stride), stride));
            }

            Codes = new byte[64 * stride];
            Scales = new float[8];
            fixed (byte* codes = Codes)
            {
                for (int block = 0; block < 4; block++)
                {
                    (Scales[2 * block], Scales[(2 * block) + 1]) =
                        CodeQuantizer.Encode(Rows + (block * 16 * stride), stride, codes + (block * CodeQuantizer.BlockBytes(stride)));
                }
            }
        }

        public float* Rows { get; }

        public float* Query { get; }

        public byte[] Codes { get; }

        public float[] Scales { get; }

        public void Check(float bound, Kernel kernel)
        {
            double[] exact = [.. Enumerable.Range(0, 64).Select(Exact)];
            foreach (double limit in exact.Concat([-2.0, -0.5, 0, 0.1, 0.5, 2]))
            {
                ulong mask = kernel(Rows, Query, (float)limit);
                for (int row = 0; row < 64; row++)
                {
                    bool found = (mask & (1UL << row)) != 0;
                    Assert.False(exact[row] > (float)limit && !found, $"row {row} at {exact[row]} dropped at limit {limit}");
                    Assert.False(exact[row] < (float)limit - (2.001 * bound) && found, $"row {row} at {exact[row]} kept at limit {limit}");
                }
            }
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(Rows);
            NativeMemory.AlignedFree(Query);
        }

        private double Exact(int row)
        {
            double sum = 0;
            for (int i = 0; i < _stride; i++)
            {
                sum += (double)Rows[(row * _stride) + i] * Query[i];
            }

            return sum;
        }
    }
}

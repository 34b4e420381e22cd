using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Hnsw;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Every width of the kernels against sums written out.</summary>
[Trait("Tier", "any")]
public sealed unsafe class KernelTests
{
    private delegate void Kernel(byte* codes, int* rows, int count, CodedQuery query, int* products);

    public static TheoryData<int> Strides => [16, 32, 48, 64, 96, 256];

    [Theory]
    [MemberData(nameof(Strides))]
    public void Products_OfEveryWidth_AreExact(int vectorStride)
    {
        int stride = RowCodes.Stride(vectorStride);
        var random = new Random(vectorStride);
        using var codes = new NativeArray<byte>(40L * stride);
        using var query = new CodedQuery(vectorStride);
        using var vector = new NativeArray<float>(vectorStride);
        for (int i = 0; i < codes.Length; i++)
        {
            // Extremes are frequent, so that sums of any saturating step would show.
            codes.Pointer[i] = (byte)(random.Next(3) == 0 ? random.Next(1, 256) : random.Next(2) == 0 ? 1 : 255);
        }

        for (int i = 0; i < vectorStride; i++)
        {
            vector.Pointer[i] = random.Next(3) == 0 ? (float)random.NextDouble() - 0.5f : random.Next(2) - 0.5f;
        }

        query.Set(vector.Pointer, 0.01f);
        Check(codes, query, CodeKernel.Products);
        Check(codes, query, (c, r, n, q, p) => CodeKernel.ProductsScalar(c, r, n, q.Codes, q.Stride, p));
        if (Vector128.IsHardwareAccelerated)
        {
            Check(codes, query, (c, r, n, q, p) => CodeKernel.Products128(c, r, n, q.Wide, q.Stride, p));
        }

        if (Avx2.IsSupported)
        {
            Check(codes, query, (c, r, n, q, p) => CodeKernel.Products256(c, r, n, q.Wide, q.Stride, p));
        }

        if (Avx512BW.IsSupported)
        {
            Check(codes, query, (c, r, n, q, p) => CodeKernel.Products512(c, r, n, q.Wide, q.Stride, p));
        }

        if (AvxVnni.IsSupported)
        {
            Check(codes, query, (c, r, n, q, p) => CodeKernel.ProductsVnni(c, r, n, q.Codes, q.Stride, p));
        }
    }

    [Theory]
    [MemberData(nameof(Strides))]
    public void Exceeding_OfEveryWidth_AgreesWithThePair(int stride)
    {
        using var rows = Rows.Of("uniform", 17, stride, stride);
        using var block = new NativeArray<float>(stride * BuildKernel.Block);
        for (int lane = 0; lane < BuildKernel.Block; lane++)
        {
            BuildKernel.Put(rows[lane], stride, block.Pointer, lane);
        }

        for (int limiting = 0; limiting < BuildKernel.Block; limiting++)
        {
            float limit = BuildKernel.Similarity(rows[limiting], rows[16], stride);
            uint expected = 0;
            for (int lane = 0; lane < BuildKernel.Block; lane++)
            {
                expected |= BuildKernel.Similarity(rows[lane], rows[16], stride) > limit ? 1u << lane : 0;
            }

            Assert.Equal(expected, BuildKernel.Exceeding(block.Pointer, rows[16], stride, limit));
            Assert.Equal(expected, BuildKernel.Exceeding512(block.Pointer, rows[16], stride, limit));
            Assert.Equal(
                expected,
                BuildKernel.Exceeding256(block.Pointer, rows[16], stride, limit) | (BuildKernel.Exceeding256(block.Pointer + 8, rows[16], stride, limit) << 8));
        }
    }

    [Fact]
    public void Key_OfProducts_OrdersThemHighestFirst()
    {
        int[] products = [int.MaxValue, 1_000_000, 1, 0, -1, -1_000_000, int.MinValue];
        Assert.Equal(products, products.Reverse().OrderBy(product => CandidatePool.Key(product, 7)));
        foreach (int product in products)
        {
            ulong key = CandidatePool.Key(product, int.MaxValue) | CandidatePool.Expanded;
            Assert.Equal((product, int.MaxValue), (CandidatePool.Product(key), CandidatePool.Node(key)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Insert_OfManyCandidates_KeepsTheBestInOrder(int capacity)
    {
        var random = new Random(capacity);
        using var memory = new NativeArray<ulong>(capacity);
        var pool = new CandidatePool(memory.Pointer, capacity);
        List<ulong> all = [];
        for (int i = 0; i < 300; i++)
        {
            ulong key = CandidatePool.Key(random.Next(-50, 50), i);
            all.Add(key);
            all.Sort();
            if (key < pool.Limit)
            {
                Assert.Equal(all.IndexOf(key), pool.Insert(key));
            }

            Assert.Equal(Math.Min(i + 1, capacity), pool.Count);
            Assert.Equal(all.Take(capacity), Enumerable.Range(0, pool.Count).Select(Kept));
        }

        ulong Kept(int position) => memory.Pointer[position];
    }

    [Fact]
    public void Mark_OverMoreWalksThanStamps_IsNewOncePerWalk()
    {
        using var visited = new VisitedSet();
        for (int walk = 0; walk < 600; walk++)
        {
            int count = 10 + (walk / 100);
            byte stamp = visited.Next(count);
            for (int node = 0; node < count; node++)
            {
                Assert.Equal(1, VisitedSet.Mark(visited.Stamps, stamp, node));
                Assert.Equal(0, VisitedSet.Mark(visited.Stamps, stamp, node));
            }
        }
    }

    private static void Check(NativeArray<byte> codes, CodedQuery query, Kernel kernel)
    {
        int* rows = stackalloc int[12];
        int* products = stackalloc int[12];
        for (int count = 0; count <= 9; count++)
        {
            for (int i = 0; i < count + 3; i++)
            {
                rows[i] = (i * 17) % 40;
            }

            kernel(codes.Pointer, rows, count, query, products);
            for (int i = 0; i < count; i++)
            {
                int expected = 0;
                for (int j = 0; j < query.Stride; j++)
                {
                    expected += codes.Pointer[(rows[i] * query.Stride) + j] * query.Codes[j];
                }

                Assert.Equal(expected, products[i]);
            }
        }
    }
}

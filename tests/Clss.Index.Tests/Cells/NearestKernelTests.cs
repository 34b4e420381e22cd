using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Cells;

/// <summary>The nearest centroid by every tier against sums in double precision.</summary>
[Trait("Tier", "any")]
public sealed unsafe class NearestKernelTests
{
    private const int Rows = VectorLayout.TileRows;

    private delegate void Tier(float* tile, int stride, float* quad, float* halfNorms, int first, float* best, int* nearest);

    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            foreach (int stride in (int[])[16, 32, 48, 128])
            {
                foreach (int centroids in (int[])[1, 3, 4, 5, 8, 33])
                {
                    shapes.Add(stride, centroids);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Update_InEveryTier_FindsTheNearest(int stride, int centroids)
    {
        (float[] rows, float[] all) = Make(stride, centroids);
        foreach ((string name, Tier tier) in Tiers())
        {
            (float[] best, int[] nearest) = Run(tier, rows, all, stride);
            Check(name, rows, all, stride, best, nearest);
        }
    }

    /// <summary>The same by way of the classes that use it.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Compare_OfATile_FindsTheNearest(int stride, int centroids)
    {
        (float[] rows, float[] all) = Make(stride, centroids);
        int[] ids = [.. Enumerable.Range(0, Rows).Reverse()];
        using var set = new CentroidSet(all, stride);
        using var tile = new RowTile(stride);
        fixed (float* pointer = rows)
        {
            foreach (int count in (int[])[Rows, 1, 17])
            {
                tile.Load(new RowSource(pointer, Rows, stride), ids.AsSpan(0, count));
                tile.Compare(set, 100);
                for (int i = 0; i < count; i++)
                {
                    double[] scores = Scores(rows, ids[i], all, stride);
                    Assert.InRange(scores.Max() - scores[tile.Nearest[i] - 100], 0, 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Update_OfEqualCentroids_KeepsTheFirst()
    {
        const int Stride = 32;
        float[] rows = [.. Enumerable.Range(0, Rows).SelectMany(i => Samples.Unit(i, Stride))];
        float[] centroid = Samples.Unit(99, Stride);
        float[] all = [.. Enumerable.Range(0, 8).SelectMany(_ => centroid)];
        foreach ((string name, Tier tier) in Tiers())
        {
            Assert.All(Run(tier, rows, all, Stride).Nearest, nearest => Assert.True(nearest == 0, name));
        }
    }

    private static (float[] Rows, float[] Centroids) Make(int stride, int centroids) =>
    (
        [.. Enumerable.Range(0, Rows).SelectMany(i => Samples.Unit((stride * 100) + i, stride))],
        [.. Enumerable.Range(0, centroids).SelectMany(i => Samples.Unit((stride * 100) + i, stride).Select(x => x * (0.5f + (0.1f * (i % 7)))))]);

    private static List<(string, Tier)> Tiers() =>
    [
        ("dispatch", NearestKernel.Update),
        ("512", NearestKernel.Update512),
        ("256", NearestKernel.Update256),
        ("128", NearestKernel.Update128),
    ];

    private static (float[] Best, int[] Nearest) Run(Tier tier, float[] rows, float[] centroids, int stride)
    {
        int count = centroids.Length / stride;
        var best = new float[Rows];
        Array.Fill(best, float.NegativeInfinity);
        var nearest = new int[Rows];
        var quad = new float[4 * stride];
        var halfNorms = new float[4];
        var tile = new float[Rows * stride];
        fixed (float* source = rows)
        fixed (float* transposed = tile)
        fixed (float* quadPointer = quad)
        fixed (float* normPointer = halfNorms)
        fixed (float* bestPointer = best)
        fixed (int* nearestPointer = nearest)
        {
            Float32BatchKernel.Transpose(source, stride, transposed);
            for (int first = 0; first < count; first += 4)
            {
                for (int i = 0; i < 4; i++)
                {
                    float[] centroid = first + i < count ? centroids[((first + i) * stride)..((first + i + 1) * stride)] : new float[stride];
                    halfNorms[i] = first + i < count ? (float)(centroid.Sum(x => (double)x * x) / 2) : float.PositiveInfinity;
                    for (int j = 0; j < stride; j++)
                    {
                        quad[(j * 4) + i] = centroid[j];
                    }
                }

                tier(transposed, stride, quadPointer, normPointer, first, bestPointer, nearestPointer);
            }
        }

        return (best, nearest);
    }

    private static void Check(string name, float[] rows, float[] centroids, int stride, float[] best, int[] nearest)
    {
        for (int row = 0; row < Rows; row++)
        {
            double[] scores = Scores(rows, row, centroids, stride);
            Assert.InRange(nearest[row], 0, scores.Length - 1);
            Assert.True(scores.Max() - scores[nearest[row]] < 1e-5, $"{name}: row {row} went to {nearest[row]} at {scores[nearest[row]]}, the best is {scores.Max()}");
            Assert.InRange(best[row], scores.Max() - 1e-5, scores.Max() + 1e-5);
        }
    }

    private static double[] Scores(float[] rows, int row, float[] centroids, int stride) =>
    [
        .. Enumerable.Range(0, centroids.Length / stride).Select(c => Enumerable.Range(0, stride).Sum(j =>
            ((double)rows[(row * stride) + j] * centroids[(c * stride) + j]) - ((double)centroids[(c * stride) + j] * centroids[(c * stride) + j] / 2))),
    ];
}

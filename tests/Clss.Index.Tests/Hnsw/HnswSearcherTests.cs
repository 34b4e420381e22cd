using Clss.Index.Hnsw;
using Clss.Index.Metrics;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Searches against the exact scan, over data of every kind.</summary>
[Trait("Tier", "any")]
public sealed unsafe class HnswSearcherTests
{
    // Light enough for the scalar tier.
    private static readonly HnswParameters Light = new() { EfConstruction = 60 };

    private static readonly HnswSearchSettings Thorough = new() { EfSearch = 128 };

    [Theory]
    [MemberData(nameof(Rows.Kinds), MemberType = typeof(Rows))]
    public void Search_OfDataOfAKind_FindsWhatTheScanFinds(string kind)
    {
        using var rows = Rows.Of(kind, 1200, 11);
        using var queries = Rows.Of(kind, 50, 12);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        double recall = 0;
        for (int i = 0; i < queries.Count; i++)
        {
            Neighbor[] exact = rows.Scan(queries[i], 10);
            Neighbor[] found = rows.Search(builder.Graph, queries[i], 10, Thorough, scratch);
            AssertSorted(rows, queries[i], found);
            recall += Rows.Recall(found, exact) / queries.Count;
        }

        Assert.True(recall >= 0.98, $"{kind}: recall {recall}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Search_ForMoreThanThereAre_FindsAll(int count)
    {
        using var rows = Rows.Of("uniform", count, 5);
        using var queries = Rows.Of("uniform", 5, 6);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        for (int i = 0; i < queries.Count; i++)
        {
            Assert.Equal(rows.Scan(queries[i], 100), rows.Search(builder.Graph, queries[i], 100, Thorough, scratch));
            Assert.Empty(rows.Search(builder.Graph, queries[i], 0, Thorough, scratch));
        }
    }

    [Fact]
    public void Search_WithAStopRule_StepsLessAndLosesLittle()
    {
        using var rows = Rows.Of("clusters", 2000, 3);
        using var queries = Rows.Of("clusters", 100, 4);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        double recall = 0;
        int full = 0;
        int stopped = 0;
        for (int i = 0; i < queries.Count; i++)
        {
            Neighbor[] exact = rows.Scan(queries[i], 10);
            rows.Search(builder.Graph, queries[i], 10, new HnswSearchSettings { EfSearch = 500 }, scratch);
            full += Followed(scratch.Pool);
            Neighbor[] found = rows.Search(builder.Graph, queries[i], 10, new HnswSearchSettings { EfSearch = 500, Reach = 1.3f }, scratch);
            stopped += Followed(scratch.Pool);
            recall += Rows.Recall(found, exact) / queries.Count;
        }

        Assert.True(recall >= 0.97, $"recall {recall}");
        Assert.True(stopped < full * 0.9, $"{stopped} of {full} nodes followed");
    }

    [Fact]
    public void Of_MoreCandidates_ReachesFarther()
    {
        Assert.Equal(1.1f, HnswSearchSettings.Of(1).Reach);
        Assert.Equal(1.15f, HnswSearchSettings.Of(120).Reach, 1e-5f);
        Assert.Equal(1.25f, HnswSearchSettings.Of(480).Reach, 1e-5f);
    }

    [Fact]
    public void Search_AmongRowsCloserThanTheirCodesTell_ComparesTheVectors()
    {
        // 400 rows within a thousandth of each other, less than the rounding of their codes.
        float[] center = Samples.Unit(1, 32);
        using var rows = new Rows([.. Enumerable.Range(0, 400).Select(i => Rows.Near(center, 100 + i, 0.001f)), .. Rows.Vectors("uniform", 600, 7)]);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        double recall = 0;
        for (int i = 0; i < 40; i++)
        {
            Neighbor[] found = rows.Search(builder.Graph, rows[i], 10, new HnswSearchSettings { EfSearch = 400 }, scratch);
            recall += Rows.Recall(found, rows.Scan(rows[i], 10)) / 40;
        }

        Assert.True(recall >= 0.97, $"recall {recall}");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(48)]
    [InlineData(100)]
    public void Search_InOtherDimensions_FindsWhatTheScanFinds(int dimension)
    {
        using var rows = Rows.Of("clusters", 1000, 21, dimension);
        using var queries = Rows.Of("clusters", 30, 22, dimension);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        for (int i = 0; i < queries.Count; i++)
        {
            Neighbor[] found = rows.Search(builder.Graph, queries[i], 5, Thorough, scratch);
            Assert.True(Rows.Recall(found, rows.Scan(queries[i], 5)) >= 0.8);
        }
    }

    [Fact]
    public void Search_WhenRepeated_AllocatesNothing()
    {
        using var rows = Rows.Of("uniform", 2000, 8);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        var neighbors = new Neighbor[10];
        var accepted = new ulong[32];
        Array.Fill(accepted, 0x5555555555555555UL);
        fixed (ulong* words = accepted)
        {
            int found = 0;
            for (int i = 0; i < 300; i++)
            {
                found += Both(i, words);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 300; i++)
            {
                found += Both(i, words);
            }

            long after = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(before, after);
            Assert.Equal(600 * 20, found);
        }

        int Both(int row, ulong* words) =>
            HnswSearcher.Search(builder.Graph, rows.Stored, 0, rows[row], Thorough, default, 0, scratch, neighbors)
            + HnswSearcher.Search(builder.Graph, rows.Stored, 0, rows[row], Thorough, new RowFilter(null, words), 512, scratch, neighbors);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void Search_WithAFilter_FindsWhatTheScanOfAcceptedRowsFinds(int oneIn)
    {
        using var rows = Rows.Of("clusters", 2000, 31);
        using var queries = Rows.Of("clusters", 40, 32);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        ulong[] accepted = Words(rows.Count, row => row % oneIn == 0);
        int poolSize = FilterPlan.PoolSize(rows.Count / oneIn, rows.Count, Thorough.EfSearch);
        double recall = 0;
        for (int i = 0; i < queries.Count; i++)
        {
            Neighbor[] found = rows.Search(builder.Graph, queries[i], 10, Thorough, scratch, accepted, poolSize);
            Assert.All(found, hit => Assert.Equal(0, hit.Ordinal % oneIn));
            AssertSorted(rows, queries[i], found);
            recall += Rows.Recall(found, rows.Scan(queries[i], 10, row => row % oneIn == 0)) / queries.Count;
        }

        Assert.True(recall >= 0.98, $"recall {recall}");
    }

    [Fact]
    public void Search_WithAFilterAgainstTheQuery_FindsFewerAndSaysSo()
    {
        using var rows = Rows.Of("clusters", 2000, 31);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        Neighbor[] far = rows.Scan(rows[0], rows.Count)[^200..];
        var farRows = far.Select(hit => hit.Ordinal).ToHashSet();
        Neighbor[] found = rows.Search(builder.Graph, rows[0], 100, Thorough, scratch, Words(rows.Count, farRows.Contains), 128);
        Assert.True(found.Length < 100);
        Assert.All(found, hit => Assert.Contains(hit.Ordinal, farRows));
    }

    [Fact]
    public void Search_WithAliveAndAcceptedRows_FindsRowsInBoth()
    {
        using var rows = Rows.Of("uniform", 1000, 41);
        using HnswBuilder builder = rows.Build(Light);
        using var scratch = new HnswScratch(rows.Stride);
        var neighbors = new Neighbor[20];
        fixed (ulong* alive = Words(rows.Count, row => row % 2 == 0), accepted = Words(rows.Count, row => row % 3 == 0))
        {
            int count = HnswSearcher.Search(builder.Graph, rows.Stored, 0, rows[1], Thorough, new RowFilter(alive, accepted), 1000, scratch, neighbors);
            Assert.Equal(rows.Scan(rows[1], 20, row => row % 6 == 0), neighbors[..count]);
        }
    }

    [Theory]
    [InlineData(1_000_000, 50, true)]
    [InlineData(1_000_000, 1_000, true)]
    [InlineData(1_000_000, 500_000, false)]
    [InlineData(1_000_000, 1_000_000, false)]
    [InlineData(100_000_000, 50_000_000, false)]
    public void PrefersScan_OfFewRows_IsTrue(long rows, long accepted, bool expected) =>
        Assert.Equal(expected, FilterPlan.PrefersScan(accepted, rows, 100));

    private static ulong[] Words(int rows, Func<int, bool> accepts)
    {
        var words = new ulong[(rows + 63) / 64];
        for (int row = 0; row < rows; row++)
        {
            words[row >> 6] |= accepts(row) ? 1UL << row : 0;
        }

        return words;
    }

    private static void AssertSorted(Rows rows, float* query, Neighbor[] found)
    {
        Assert.Equal(found.OrderByDescending(hit => hit.Similarity).ThenBy(hit => hit.Ordinal), found);
        Assert.Equal(found.Length, found.Select(hit => hit.Ordinal).Distinct().Count());
        foreach (Neighbor hit in found)
        {
            Assert.Equal(CosineOfUnitVectors.Similarity(rows[hit.Ordinal], query, rows.Stride), hit.Similarity);
        }
    }

    private static int Followed(in CandidatePool pool)
    {
        int count = 0;
        for (int i = 0; i < pool.Count; i++)
        {
            count += (int)(pool[i] & CandidatePool.Expanded);
        }

        return count;
    }
}

using Clss.Index.Hnsw;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Graphs derived from others: rows removed, renumbered and added, without loss of recall.</summary>
public sealed unsafe class GraphRepairTests
{
    private static readonly HnswParameters Parameters = new() { EfConstruction = 60 };
    private static readonly HnswSearchSettings Settings = new() { EfSearch = 40 };

    [Theory]
    [InlineData("clusters")]
    [InlineData("uniform")]
    public void From_OverTenRoundsOfChurn_KeepsTheRecallOfAFreshGraph(string kind)
    {
        // All rows that ever come and the queries are of one distribution.
        float[][] all = [.. Rows.Vectors(kind, 2500 + (10 * 500) + 150, 50)];
        using var queries = new Rows(all[^150..]);
        List<float[]> vectors = [.. all[..2500]];
        Rows rows = new(vectors);
        HnswBuilder builder = rows.Build(Parameters);
        for (int round = 0; round < 10; round++)
        {
            // A fifth goes, everything is renumbered, as many come.
            var random = new Random(round);
            int[] order = [.. Enumerable.Range(0, rows.Count).OrderBy(_ => random.Next())];
            int kept = rows.Count * 4 / 5;
            var newRowOfOld = new int[rows.Count];
            Array.Fill(newRowOfOld, -1);
            for (int i = 0; i < kept; i++)
            {
                newRowOfOld[order[i]] = i;
            }

            vectors = [.. order.Take(kept).Select(row => vectors[row]), .. all[(2500 + (round * 500))..(3000 + (round * 500))]];
            var next = new Rows(vectors);
            HnswBuilder derived = HnswBuilder.From(builder.Graph, newRowOfOld, next.Pointer, next.Count, 2);
            builder.Dispose();
            rows.Dispose();
            (builder, rows) = (derived, next);
            GraphFile.Verify(builder.Graph);
        }

        using HnswBuilder fresh = rows.Build(Parameters);
        double churned = Recall(rows, builder.Graph, queries);
        double built = Recall(rows, fresh.Graph, queries);
        builder.Dispose();
        rows.Dispose();
        Assert.True(churned >= built - 0.01 && built > 0.9, $"{kind}: recall {churned} after churn, {built} of a fresh graph");
    }

    [Fact]
    public void From_WithAnyNumberOfThreads_GivesTheSameBytes()
    {
        using var rows = Rows.Of("clusters", 2000, 5);
        using HnswBuilder old = rows.Build(Parameters);
        int[] newRowOfOld = [.. Enumerable.Range(0, 2000).Select(row => row < 500 ? -1 : row - 500)];
        byte[][] results = [.. new[] { 1, 2, 4 }.Select(threads =>
        {
            using HnswBuilder derived = HnswBuilder.From(old.Graph, newRowOfOld, rows[500], 1500, threads);
            return GraphBytes.Of(derived.Graph);
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void From_WithNothingRemoved_KeepsEveryLink()
    {
        using var rows = Rows.Of("clusters", 1000, 5);
        using HnswBuilder old = rows.Build(Parameters);
        using HnswBuilder derived = HnswBuilder.From(old.Graph, [.. Enumerable.Range(0, 1000)], rows.Pointer, 1000);
        for (int level = 0; level < old.Graph.LevelCount; level++)
        {
            int links = old.Graph.Levels[level].Count * old.Graph.Levels[level].Degree;
            Assert.Equal(
                new ReadOnlySpan<int>(old.Graph.Levels[level].Links, links).ToArray(),
                new ReadOnlySpan<int>(derived.Graph.Levels[level].Links, links).ToArray());
        }
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(300, 0)]
    [InlineData(300, 300)]
    public void From_WhenFewOrNoRowsStay_FindsThoseThatAreThere(int stay, int come)
    {
        using var rows = Rows.Of("uniform", 300 + come, 5);
        using var first = Rows.Of("uniform", 300, 5);
        using HnswBuilder old = first.Build(Parameters);
        int gone = 300 - stay;
        using HnswBuilder derived = HnswBuilder.From(
            old.Graph, [.. Enumerable.Range(0, 300).Select(row => row < gone ? -1 : row - gone)], rows[gone], stay + come);
        GraphFile.Verify(derived.Graph);
        Assert.Equal(stay + come, derived.Count);
        using var scratch = new HnswScratch(rows.Stride);
        var neighbors = new Neighbor[1];
        for (int row = 0; row < derived.Count; row++)
        {
            Assert.Equal(1, HnswSearcher.Search(derived.Graph, new StoredVectors(rows[gone], rows.Stride), 0, rows[gone + row], Settings, default, 0, scratch, neighbors));
            Assert.Equal(row, neighbors[0].Ordinal);
        }
    }

    [Fact]
    public void From_WhenAWholeNeighbourhoodGoes_ReachesTheRest()
    {
        // A cluster around each of 20 points; one row of each cluster stays, and all links of most of them led into their own cluster.
        using var rows = Rows.Of("clusters", 1000, 5);
        using HnswBuilder old = rows.Build(new HnswParameters { M = 8, EfConstruction = 40 });
        var newRowOfOld = new int[1000];
        List<float[]> left = [];
        for (int row = 0; row < 1000; row++)
        {
            bool stays = row < 10 || row % 20 >= 10;
            newRowOfOld[row] = stays ? left.Count : -1;
            if (stays)
            {
                left.Add(new Span<float>(rows[row], 32).ToArray());
            }
        }

        using var next = new Rows(left);
        using HnswBuilder derived = HnswBuilder.From(old.Graph, newRowOfOld, next.Pointer, next.Count);
        using HnswBuilder fresh = next.Build(new HnswParameters { M = 8, EfConstruction = 40 });
        Assert.InRange(Missed(next, derived.Graph), 0, Missed(next, fresh.Graph) + 5);
    }

    [Fact]
    public void From_WithNumbersForOtherRows_Throws()
    {
        using var rows = Rows.Of("uniform", 10, 5);
        using HnswBuilder old = rows.Build();
        Assert.Throws<ArgumentOutOfRangeException>(() => HnswBuilder.From(old.Graph, [0, 1], rows.Pointer, 2).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => HnswBuilder.From(old.Graph, [.. Enumerable.Range(1, 10)], rows.Pointer, 10).Dispose());
        Assert.Throws<ArgumentException>(() => HnswBuilder.From(old.Graph, [0, .. Enumerable.Range(0, 9)], rows.Pointer, 10).Dispose());
    }

    /// <summary>Rows that a search for themselves does not find.</summary>
    private static int Missed(Rows rows, HnswGraph graph)
    {
        using var scratch = new HnswScratch(rows.Stride);
        int missed = 0;
        for (int row = 0; row < rows.Count; row++)
        {
            Neighbor[] found = rows.Search(graph, rows[row], 1, new HnswSearchSettings { EfSearch = 64 }, scratch);
            missed += found.Length == 1 && found[0].Ordinal == row ? 0 : 1;
        }

        return missed;
    }

    private static double Recall(Rows rows, HnswGraph graph, Rows queries)
    {
        using var scratch = new HnswScratch(rows.Stride);
        double recall = 0;
        for (int i = 0; i < queries.Count; i++)
        {
            recall += Rows.Recall(rows.Search(graph, queries[i], 10, Settings, scratch), rows.Scan(queries[i], 10)) / queries.Count;
        }

        return recall;
    }
}

using Clss.Testing;
using Clss.Testing.SyntheticDomains;

namespace Clss.Index.Tests.Cells;

/// <summary>Searches for a recall reach it on average, on data like protein domains, and still do when a fifth of the rows is replaced again and again.</summary>
public sealed class CellRecallTests : IDisposable
{
    private const int Rows = 50_000;
    private const int Queries = 600;
    private const int K = 10;

    // The share of queries that counts is a sample: three standard errors of 600 queries with a spread of a tenth.
    private const double Noise = 0.0125;

    private readonly TemporaryFolder _folder = new();
    private readonly SyntheticData _data = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Search_ForARecall_ReachesItOnAverage()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), new CollectionOptions { Dimension = 32 });
        Write(collection, 0, Rows, 0);
        collection.Compact();
        CellData.RequireCells(collection);
        Filter filter = new Filter.AnyOf("partition", [MetadataValue.Text("")]);
        foreach ((string kind, int first, int count) in ((string, int, int)[])[("sequences", 0, Queries / 2), ("segments", 5000, Queries / 2), ("anywhere", 9000, 100)])
        {
            float[] queries = new float[count * 32];
            FillQueries(first, queries);
            Neighbor[][] truth = Search(collection, queries, new SearchOptions { K = K, Exact = true, Precision = ScanPrecision.Float32 });
            Neighbor[][] exact = Search(collection, queries, new SearchOptions { K = K, Exact = true });
            Assert.All(truth.Zip(exact), pair => Assert.Equal(pair.First, pair.Second));
            double previous = 0;
            foreach (double recall in (double[])[0.5, 0.9, 0.95, 0.99])
            {
                double reached = Recall(truth, Search(collection, queries, new SearchOptions { K = K, Recall = recall }));
                Assert.True(reached >= recall - Noise || kind == "anywhere", $"{kind}: recall {recall} asked for, {reached:f4} reached");
                Assert.InRange(reached, previous - 1e-9, 1);
                previous = reached;
            }

            // A filter that accepts every row may make a search look further, never less far.
            double filtered = Recall(truth, Search(collection, queries, new SearchOptions { K = K, Recall = 0.9, Filter = filter }));
            Assert.InRange(filtered, Recall(truth, Search(collection, queries, new SearchOptions { K = K, Recall = 0.9 })), 1);
        }
    }

    [Fact]
    public void Search_AfterRowsWereReplacedManyTimes_FindsAsMuchAsInAFreshBuild()
    {
        const int Small = 20_000;
        const int Rounds = 10;
        float[] queries = new float[Queries * 32];
        FillQueries(0, queries);
        var options = new CollectionOptions { Dimension = 32, Index = new IndexOptions { Kind = IndexKind.Cells } };
        using VectorCollection churned = VectorCollection.Create(_folder.File("churned"), options);
        Write(churned, 0, Small, 0);
        churned.Compact();
        for (int round = 0; round < Rounds; round++)
        {
            // Other vectors under the keys of a fifth of the rows; every second round is folded, so that searches see generations with dead rows as well.
            Write(churned, round % 5 * (Small / 5), Small / 5, (round / 5) + 1);
            churned.Commit();
            if (round % 2 == 1)
            {
                churned.Compact();
            }

            if (round % 3 == 0)
            {
                Assert.InRange(Reached(churned), 0.95 - Noise, 1);
            }
        }

        churned.Compact();
        using VectorCollection fresh = VectorCollection.Create(_folder.File("fresh"), options);
        fresh.Upsert([.. churned.ReadAll()]);
        fresh.Compact();
        Assert.Equal(Small, churned.Info.Count);
        double afterChurn = Reached(churned);
        Assert.InRange(afterChurn, Reached(fresh) - 0.01, 1);
        Assert.InRange(afterChurn, 0.95 - Noise, 1);

        double Reached(VectorCollection collection) => Recall(
            Search(collection, queries, new SearchOptions { K = K, Exact = true }),
            Search(collection, queries, new SearchOptions { K = K, Recall = 0.95 }));
    }

    private void FillQueries(int first, float[] queries) => _data.Fill(SyntheticKind.Query, first, queries);

    /// <summary>Writes vectors under numbered keys; each version has others.</summary>
    private void Write(VectorCollection collection, int first, int count, int version)
    {
        var vectors = new float[count * 32];
        _data.Fill(SyntheticKind.Base, first + (version * 200_000L), vectors);
        collection.Upsert([.. Enumerable.Range(0, count).Select(i => new VectorEntry { Key = $"{first + i}", Vector = vectors.AsMemory(i * 32, 32) })]);
    }

    private static Neighbor[][] Search(VectorCollection collection, float[] queries, SearchOptions options) =>
        [.. Enumerable.Range(0, queries.Length / 32).Select(i => CellData.Search(collection, queries[(i * 32)..((i + 1) * 32)], options))];

    private static double Recall(Neighbor[][] truth, Neighbor[][] found) => truth.Zip(found).Average(pair => CellData.Recall(pair.First, pair.Second));
}

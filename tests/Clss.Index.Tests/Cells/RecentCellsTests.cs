using Clss.Index.Cells;
using Clss.Index.Storage;
using Clss.Testing;
using Clss.Testing.SyntheticDomains;

namespace Clss.Index.Tests.Cells;

/// <summary>More recent rows than are compared one by one: searches look at those of the cells that they scan, and at those that lie in none.</summary>
public sealed class RecentCellsTests : IDisposable
{
    private const int K = 10;
    private const int Rows = 10_000;
    private const int Recent = 2_000;

    private static readonly MergePolicy Never = new() { SmallestLog = 1L << 40, LargestLog = 1L << 40 };

    private readonly TemporaryFolder _folder = new();
    private readonly SyntheticData _data = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Search_ForARecall_ReachesItOnAverage()
    {
        using VectorCollection collection = Build();
        WriteRecent(collection);
        Assert.True(Recent > RecentCells.FewRows);
        float[] queries = Queries();
        Neighbor[][] truth = SearchAll(collection, queries, new SearchOptions { K = K, Exact = true });
        Assert.InRange(truth.Average(found => found.Count(neighbor => neighbor.Ordinal >= Rows)), 1, 9);
        foreach (double recall in (double[])[0.8, 0.9, 0.95, 0.99])
        {
            Neighbor[][] found = SearchAll(collection, queries, new SearchOptions { K = K, Recall = recall });
            Assert.All(found, neighbors => Assert.Equal(K, neighbors.Length));
            Assert.InRange(truth.Zip(found).Average(pair => CellData.Recall(pair.First, pair.Second)), recall - 0.0125, 1);

            // Of the recent rows among the nearest no smaller share is found than of all.
            int wanted = truth.Sum(neighbors => neighbors.Count(neighbor => neighbor.Ordinal >= Rows));
            int reached = truth.Zip(found).Sum(pair => pair.First.Count(neighbor => neighbor.Ordinal >= Rows && pair.Second.Contains(neighbor)));
            Assert.InRange(reached / (double)wanted, recall - 0.04, 1);
        }

        // With all cells, and exactly, nothing is missed.
        Assert.Equal(truth, SearchAll(collection, queries, new SearchOptions { K = K, Probes = int.MaxValue }));
    }

    [Fact]
    public void Search_ForRecentRows_FindsAsManyAsTheRecallSays()
    {
        using VectorCollection collection = Build();
        float[] vectors = WriteRecent(collection);
        int missed = Enumerable.Range(0, Recent).Count(i =>
            CellData.Search(collection, vectors[(i * 32)..((i + 1) * 32)], new SearchOptions { K = K })[0].Similarity < 0.99999f);
        Assert.InRange(missed, 0, Recent / 100);
    }

    [Fact]
    public void Search_ForRowsOutsideOfAllCells_AlwaysFindsThem()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), CellData.Options(32));
        collection.Upsert(CellData.Entries("clusters", 2000, 32, 1));
        collection.Compact();
        collection.Upsert([.. CellData.Entries("clusters", 600, 32, 2).Select(entry => entry with { Key = $"again {entry.Key}" })]);
        for (int i = 0; i < 30; i++)
        {
            // Far from every cell, and in a partition that the generation does not have.
            collection.Upsert(new VectorEntry { Key = $"far{i}", Partition = i % 2 == 0 ? "" : "new", Vector = Samples.Unit(800 + i, 32) });
        }

        foreach (SearchOptions options in (SearchOptions[])[new() { K = 3, Recall = 0 }, new() { K = 3, Recall = 0.9 }, new() { K = 3, Probes = 1 }])
        {
            for (int i = 0; i < 30; i++)
            {
                Neighbor[] found = CellData.Search(collection, Samples.Unit(800 + i, 32), options);
                Assert.Equal(($"far{i}", i % 2 == 0 ? "" : "new"), (collection[found[0].Ordinal].Key, collection[found[0].Ordinal].Partition));
            }
        }

        Assert.Equal(15, CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 100, Partition = "new", Recall = 0 }).Length);
    }

    [Fact]
    public void Search_AfterRecentRowsAreDeletedAndReplaced_NeverFindsThem()
    {
        using VectorCollection collection = Build();
        float[] vectors = WriteRecent(collection);
        for (int i = 0; i < Recent; i += 2)
        {
            if (i % 4 == 0)
            {
                collection.Delete($"recent{i}");
            }
            else
            {
                collection.Upsert(new VectorEntry { Key = $"recent{i}", Vector = Samples.Unit(5000 + i, 32) });
            }
        }

        var naive = new NaiveRows(collection);
        foreach (SearchOptions options in (SearchOptions[])[new() { K = K }, new() { K = K, Probes = 20 }, new() { K = K, Recall = 0.8 }])
        {
            for (int i = 0; i < 200; i += 2)
            {
                float[] query = vectors[(i * 32)..((i + 1) * 32)];
                Neighbor[] all = naive.Search(query, int.MaxValue);
                Neighbor[] found = CellData.Search(collection, query, options);
                Assert.Equal(K, found.Length);
                Assert.All(found, neighbor => Assert.Contains(neighbor, all));
                Assert.DoesNotContain(found, neighbor => i % 4 == 0 && collection[neighbor.Ordinal].Key == $"recent{i}");
            }
        }
    }

    [Fact]
    public void Search_OfAPartition_FindsItsRecentRowsOnly()
    {
        using VectorCollection collection = Build("a", "b");
        WriteRecent(collection, "a");
        float[] ofB = WriteRecent(collection, "b", version: 3);
        float[] queries = [.. ofB.AsSpan(0, 50 * 32), .. Queries().AsSpan(0, 50 * 32)];
        foreach (string partition in (string[])["a", "b"])
        {
            foreach (SearchOptions options in (SearchOptions[])[new() { K = K, Partition = partition }, new() { K = K, Partition = partition, Probes = 5 }])
            {
                Assert.All(SearchAll(collection, queries, options), found =>
                {
                    Assert.Equal(K, found.Length);
                    Assert.All(found, neighbor => Assert.Equal(partition, collection[neighbor.Ordinal].Partition));
                });
            }

            Assert.Equal(
                SearchAll(collection, queries, new SearchOptions { K = K, Partition = partition, Exact = true }),
                SearchAll(collection, queries, new SearchOptions { K = K, Partition = partition, Probes = int.MaxValue }));
        }

        Assert.All(Enumerable.Range(0, 50), i => Assert.Equal("b", collection[SearchAll(collection, queries, new SearchOptions { K = 1, Partition = "b" })[i][0].Ordinal].Partition));
    }

    [Fact]
    public void Search_AfterReopening_FindsTheSame()
    {
        string directory;
        Neighbor[][][] before;
        float[] queries = Queries();
        SearchOptions[] modes = [new() { K = K }, new() { K = K, Recall = 0.8 }, new() { K = K, Probes = 4 }];
        using (VectorCollection collection = Build())
        {
            directory = _folder.File("db");
            WriteRecent(collection);
            collection.Delete("recent3");
            collection.Upsert(new VectorEntry { Key = "recent4", Vector = Samples.Unit(1, 32) });
            collection.Commit();
            before = [.. modes.Select(options => SearchAll(collection, queries, options))];
        }

        foreach (OpenMode mode in (OpenMode[])[OpenMode.ReadOnly, OpenMode.ReadWrite])
        {
            using VectorCollection reopened = VectorCollection.Open(directory, mode);
            Assert.Equal(2, reopened.Info.Generation);
            Assert.Equal(before, modes.Select(options => SearchAll(reopened, queries, options)));
        }
    }

    [Fact]
    public void SearchBatch_EqualsOneAtATime()
    {
        using VectorCollection collection = Build();
        WriteRecent(collection);
        collection.Delete("recent3");
        float[] queries = Queries();
        int count = queries.Length / 32;
        foreach (SearchOptions options in (SearchOptions[])[new() { K = K }, new() { K = K, Recall = 0.8 }, new() { K = K, Probes = 4 }, new() { K = K, Exact = true }, new() { K = Rows / 16 }])
        {
            var neighbors = new Neighbor[count * options.K];
            var counts = new int[count];
            collection.SearchBatch(queries, options, neighbors, counts, threads: 2);
            Assert.Equal(
                SearchAll(collection, queries, options),
                Enumerable.Range(0, count).Select(i => neighbors[(i * options.K)..((i * options.K) + counts[i])]));
        }
    }

    /// <summary>A merge takes the rows that were recent when it began; those written meanwhile are chained anew, in the cells of the new generation.</summary>
    [Fact]
    public void Search_BeforeAndAfterABackgroundMerge_FindsRecentRows()
    {
        Build().Dispose();
        using VectorCollection collection = VectorCollection.Open(_folder.File("db"), OpenMode.ReadWrite, new FileOperations(), new MergePolicy { SmallestLog = 64 << 10, LargestLog = 64 << 10 });
        WriteRecent(collection);
        collection.Commit();
        float[] later = WriteRecent(collection, "", version: 5, name: "later");
        collection.WaitForMerge();
        Check();
        collection.Commit();
        Assert.Null(collection.MergeFailure);
        Assert.InRange(collection.Info.Generation, 3, 4);
        Check();
        Assert.Equal(Rows + (2 * Recent), collection.Info.Count);

        void Check()
        {
            int missed = Enumerable.Range(0, Recent).Count(i =>
                CellData.Search(collection, later[(i * 32)..((i + 1) * 32)], new SearchOptions { K = K })[0].Similarity < 0.99999f);
            Assert.InRange(missed, 0, Recent / 100);
            float[] queries = Queries();
            Neighbor[][] truth = SearchAll(collection, queries, new SearchOptions { K = K, Exact = true });
            Neighbor[][] reached = SearchAll(collection, queries, new SearchOptions { K = K, Recall = 0.95 });
            Assert.InRange(truth.Zip(reached).Average(pair => CellData.Recall(pair.First, pair.Second)), 0.95 - 0.0125, 1);
        }
    }

    private static Neighbor[][] SearchAll(VectorCollection collection, float[] queries, SearchOptions options) =>
        [.. Enumerable.Range(0, queries.Length / 32).Select(i => CellData.Search(collection, queries[(i * 32)..((i + 1) * 32)], options))];

    private float[] Queries()
    {
        var queries = new float[400 * 32];
        _data.Fill(SyntheticKind.Query, 0, queries);
        return queries;
    }

    private VectorCollection Build(params string[] partitions)
    {
        var options = new CollectionOptions { Dimension = 32, Index = new IndexOptions { Kind = IndexKind.Cells } };
        VectorCollection.Create(_folder.File("db"), options).Dispose();
        VectorCollection collection = VectorCollection.Open(_folder.File("db"), OpenMode.ReadWrite, new FileOperations(), Never);
        foreach (string partition in partitions.Length > 0 ? partitions : [""])
        {
            Write(collection, partition, "row", 0, Rows);
        }

        collection.Compact();
        CellData.RequireCells(collection);
        return collection;
    }

    private float[] WriteRecent(VectorCollection collection, string partition = "", int version = 1, string name = "recent") =>
        Write(collection, partition, name, version * 200_000L, Recent);

    private float[] Write(VectorCollection collection, string partition, string name, long first, int count)
    {
        var vectors = new float[count * 32];
        _data.Fill(SyntheticKind.Base, first, vectors);
        collection.Upsert([.. Enumerable.Range(0, count).Select(i => new VectorEntry { Key = $"{name}{i}", Partition = partition, Vector = vectors.AsMemory(i * 32, 32) })]);
        return vectors;
    }
}

using Clss.Index.Storage;
using Clss.Index.Tests.Cells;
using Clss.Testing;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Searches of collections with graphs against a naive scan: order, ties, partitions, removed and replaced rows, filters, batches.</summary>
public sealed class GraphSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int, int> AllShapes
    {
        get
        {
            var shapes = new TheoryData<string, int, int>();
            foreach (string shape in CellData.Shapes)
            {
                foreach (int rows in (int[])[1, 65, 400])
                {
                    shapes.Add(shape, rows, 32);
                }

                shapes.Add(shape, 120, 5);
                shapes.Add(shape, 120, 40);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(AllShapes))]
    public void Search_Exactly_EqualsTheNaiveScan(string shape, int rows, int dimension)
    {
        using VectorCollection collection = Build(shape, rows, dimension);
        GraphCollections.RequireGraphs(collection);
        float[][] queries = CellData.Queries(shape, rows, dimension, 1);
        CompareModes(collection, queries, rows);

        // Rows of every kind at once: in the generation, removed from it, replaced, and recent.
        for (int row = 0; row < rows; row += 3)
        {
            collection.Delete($"row{row}");
        }

        for (int row = 0; row < rows; row += 4)
        {
            collection.Upsert(CellData.Entry(row, CellData.Vector(shape, row + 1, dimension, 2)));
        }

        CompareModes(collection, queries, rows);
        collection.Compact();
        CompareModes(collection, queries, rows);
    }

    [Fact]
    public void Search_OverSeveralPartitions_EqualsTheNaiveScan()
    {
        string directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(directory, GraphCollections.Options(32)))
        {
            collection.Upsert(CellData.Entries("clusters", 900, 32, 1, "a"));
            collection.Upsert(CellData.Entries("clusters", 30, 32, 2, "small"));
            collection.Upsert(CellData.Entries("duplicates", 400, 32, 3, "b"));
            collection.Upsert(CellData.Entries("clusters", 300, 32, 1, "twin"));
            collection.Compact();
            GraphCollections.RequireGraphs(collection);
            collection.Upsert(CellData.Entries("clusters", 40, 32, 9, "recent"));
            collection.Delete("row3");
            collection.Commit();
            Compare(collection);
        }

        using VectorCollection reopened = VectorCollection.Open(directory);
        Compare(reopened);

        static void Compare(VectorCollection collection)
        {
            var rows = new NaiveRows(collection);
            foreach (float[] query in CellData.Queries("clusters", 300, 32, 1))
            {
                foreach (string? partition in (string?[])[null, "a", "small", "b", "twin", "recent", "absent"])
                {
                    foreach (int k in (int[])[1, 10, 31, 3000])
                    {
                        Neighbor[] all = rows.Search(query, int.MaxValue, null, partition);
                        Neighbor[] expected = all[..Math.Min(k, all.Length)];
                        var options = new SearchOptions { K = k, Partition = partition };
                        Assert.Equal(expected, CellData.Search(collection, query, options with { Exact = true }));
                        Assert.Equal(expected, CellData.Search(collection, query, options with { EfSearch = int.MaxValue }));
                        Neighbor[] found = CellData.Search(collection, query, options with { Recall = 0.9 });
                        Assert.Equal(expected.Length, found.Length);
                        RequireOrderedSubset(found, all);
                    }
                }
            }
        }
    }

    [Trait("Tier", "any")]
    [Theory]
    [InlineData("clusters")]
    [InlineData("duplicates")]
    [InlineData("random")]
    public void SearchBatch_InEveryMode_EqualsOneAtATime(string shape)
    {
        using VectorCollection collection = Build(shape, 1200, 32);
        collection.Delete("row7");
        collection.Upsert(CellData.Entry(8, CellData.Vector(shape, 9, 32, 3)));
        float[] vectors = [.. Enumerable.Range(0, 150).SelectMany(i => CellData.Vector("clusters", i, 32, 4))];
        SearchOptions[] modes = [new() { K = 5, Exact = true }, new() { K = 5 }, new() { K = 5, Recall = 0.5 }, new() { K = 5, EfSearch = 7 }, new() { K = 5, EfSearch = 5000 }];
        foreach (SearchOptions options in modes.SelectMany(mode => (SearchOptions[])[mode, mode with { Filter = new Filter.Equal("side", MetadataValue.Text("left")) }]))
        {
            foreach (int threads in (int[])[1, 3])
            {
                var batch = new Neighbor[150 * 5];
                var counts = new int[150];
                collection.SearchBatch(vectors, options, batch, counts, threads);
                for (int i = 0; i < 150; i++)
                {
                    Neighbor[] single = CellData.Search(collection, vectors[(i * 32)..((i + 1) * 32)], options);
                    Assert.True(single.AsSpan().SequenceEqual(batch.AsSpan(i * 5, counts[i])), $"query {i} on {threads} threads differs: {options}");
                }
            }
        }
    }

    /// <summary>Filters that agree with a query's neighbourhood, oppose it, leave one row, all or none: no fewer hits than rows qualify, and only such rows.</summary>
    [Theory]
    [InlineData("clusters", 4000)]
    [InlineData("random", 4000)]
    [InlineData("duplicates", 1500)]
    public void Search_WithAFilter_FindsRowsThatQualifyAndNoFewer(string shape, int count)
    {
        using VectorCollection collection = Build(shape, count, 8);
        collection.Delete("row1");
        var rows = new NaiveRows(collection);
        Filter right = new Filter.Equal("side", MetadataValue.Text("right"));
        Filter[] filters =
        [
            right,
            new Filter.Not(right),
            new Filter.Equal("side", MetadataValue.Text("nowhere")),
            new Filter.Equal("key", MetadataValue.Text("row1234")),
            new Filter.Between("number", MetadataValue.Integer(0), MetadataValue.Integer(count)),
            new Filter.Between("number", MetadataValue.Integer(100), MetadataValue.Integer(140)),
            new Filter.Not(new Filter.Equal("key", MetadataValue.Text("nobody"))),
        ];
        foreach (Filter filter in filters)
        {
            int matches = rows.Matches(filter, null);
            foreach (float[] query in CellData.Queries(shape, count, 8, 1))
            {
                Neighbor[] all = rows.Search(query, int.MaxValue, filter);
                foreach (int k in (int[])[1, 10, 90])
                {
                    Assert.Equal(all[..Math.Min(k, matches)], CellData.Search(collection, query, new SearchOptions { K = k, Exact = true, Filter = filter }));
                    foreach (SearchOptions options in (SearchOptions[])[new() { K = k, Recall = 0 }, new() { K = k, Recall = 0.9 }, new() { K = k }, new() { K = k, EfSearch = 1 }, new() { K = k, EfSearch = 200 }])
                    {
                        Neighbor[] found = CellData.Search(collection, query, options with { Filter = filter });
                        Assert.Equal(Math.Min(k, matches), found.Length);
                        RequireOrderedSubset(found, all);
                    }
                }
            }
        }
    }

    /// <summary>The first run warms up; an allocation of a search would be in every run.</summary>
    [Fact]
    public void Search_Repeated_AllocatesNothing()
    {
        using VectorCollection collection = Build("clusters", 4000, 32);
        collection.Delete("row17");
        collection.Upsert(CellData.Entry(18, Samples.Unit(6, 32)));
        float[][] queries = CellData.Queries("clusters", 4000, 32, 1);
        SearchOptions[] modes = [new() { K = 10 }, new() { K = 10, EfSearch = 100 }, new() { K = 10, Exact = true }, new() { K = 10, Filter = new Filter.Between("number", MetadataValue.Integer(0), default) }];
        var neighbors = new Neighbor[10];
        List<long> allocated = [];
        for (int run = 0; run < 8; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int found = 0;
            long compared = 0;
            foreach (SearchOptions options in modes)
            {
                foreach (float[] query in queries)
                {
                    found += collection.Search(query, options, neighbors);
                    found += collection.Search(query, options, neighbors, out SearchReport report);
                    compared += report.RowsCompared;
                }
            }

            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(2 * 10 * modes.Length * queries.Length, found);
            Assert.True(compared > found);
        }

        Assert.Contains(0, allocated.Skip(1));
    }

    [Fact]
    public void Compact_OnAnyNumberOfThreads_WritesTheSame()
    {
        string[] hashes = [.. ((int[])[1, 2, 5]).Select(threads =>
        {
            string directory = _folder.File($"db{threads}");
            using VectorCollection collection = VectorCollection.Create(directory, GraphCollections.Options(32));
            collection.Upsert(CellData.Entries("clusters", 1500, 32, 1));
            collection.Compact(threads);
            collection.Upsert(CellData.Entries("random", 300, 32, 2));
            collection.Delete("row700");
            collection.Compact(threads);
            return VectorCollection.ContentHash(directory);
        })];
        Assert.Single(hashes.Distinct());

        // Built anew from its rows alone, the graph does not depend on those before it.
        string fresh = _folder.File("fresh");
        using (VectorCollection first = VectorCollection.Open(_folder.File("db1")))
        using (VectorCollection collection = VectorCollection.Create(fresh, GraphCollections.Options(32)))
        {
            collection.Upsert([.. first.ReadAll()]);
            collection.Compact();
        }

        Assert.Equal(Graph(_folder.File("db1")), Graph(fresh));
    }

    [Fact]
    public void Compact_AfterEveryRowIsDeleted_LeavesAnEmptyCollection()
    {
        using VectorCollection collection = Build("clusters", 200, 32);
        for (int row = 0; row < 200; row++)
        {
            collection.Delete($"row{row}");
        }

        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3 }));
        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3, EfSearch = 100 }));
        collection.Compact();
        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3 }));
        collection.Upsert(CellData.Entries("line", 40, 32, 1));
        collection.Compact();
        CompareModes(collection, CellData.Queries("line", 40, 32, 1), 40);
    }

    private static byte[] Graph(string directory)
    {
        SectionEdit edit = SectionEdit.Of(directory);
        (int offset, int length) = edit.Find(SectionKind.HnswGraph, 0);
        return edit.Whole[offset..(offset + length)];
    }

    private static void CompareModes(VectorCollection collection, float[][] queries, int rows)
    {
        var naive = new NaiveRows(collection);
        foreach (int k in ((int[])[1, 5, rows / 16, rows + 10]).Where(k => k > 0).Distinct())
        {
            foreach (float[] query in queries)
            {
                Neighbor[] all = naive.Search(query, int.MaxValue);
                Neighbor[] expected = all[..Math.Min(k, all.Length)];
                Assert.Equal(expected, CellData.Search(collection, query, new SearchOptions { K = k, Exact = true }));
                Assert.Equal(expected, CellData.Search(collection, query, new SearchOptions { K = k, Recall = 1 }));
                foreach (SearchOptions options in (SearchOptions[])[new() { K = k, Recall = 0.9 }, new() { K = k, EfSearch = 1 }, new() { K = k, Probes = 1 }])
                {
                    Neighbor[] found = CellData.Search(collection, query, options);
                    Assert.Equal(expected.Length, found.Length);
                    RequireOrderedSubset(found, all);
                }
            }
        }
    }

    /// <summary>What an approximate search returns are rows with their right similarities, in the right order, each once.</summary>
    private static void RequireOrderedSubset(Neighbor[] found, Neighbor[] all)
    {
        int place = 0;
        foreach (Neighbor neighbor in found)
        {
            while (place < all.Length && all[place] != neighbor)
            {
                place++;
            }

            Assert.True(place < all.Length, $"{neighbor} is no row, not in order, or there twice");
            place++;
        }
    }

    private VectorCollection Build(string shape, int rows, int dimension)
    {
        VectorCollection collection = VectorCollection.Create(_folder.File(Guid.NewGuid().ToString("N")), GraphCollections.Options(dimension));
        collection.Upsert(CellData.Entries(shape, rows, dimension, 1));
        collection.Compact();
        return collection;
    }
}

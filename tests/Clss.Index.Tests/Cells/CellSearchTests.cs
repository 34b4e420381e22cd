using Clss.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Clss.Index.Tests.Cells;

/// <summary>Searches through cells against a naive scan, to the bit: order, ties, partitions, removed and replaced rows, filters, batches.</summary>
public sealed class CellSearchTests : IDisposable
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
                foreach (int rows in (int[])[1, 2, 17, 65, 800])
                {
                    shapes.Add(shape, rows, 32);
                }

                shapes.Add(shape, 400, 5);
                shapes.Add(shape, 400, 40);
            }

            return shapes;
        }
    }

    [Trait("Tier", "any")]
    [Theory]
    [MemberData(nameof(AllShapes))]
    public void Search_Exactly_EqualsTheNaiveScan(string shape, int rows, int dimension)
    {
        using VectorCollection collection = Build(shape, rows, dimension);
        CellData.RequireCells(collection);
        float[][] queries = CellData.Queries(shape, rows, dimension, 1);
        CompareExactModes(collection, queries, rows);

        // Rows of every kind at once: in the generation, removed from it, replaced, and recent.
        for (int row = 0; row < rows; row += 3)
        {
            collection.Delete($"row{row}");
        }

        for (int row = 0; row < rows; row += 4)
        {
            collection.Upsert(CellData.Entry(row, CellData.Vector(shape, row + 1, dimension, 2)));
        }

        CompareExactModes(collection, queries, rows);
    }

    /// <summary>Random histories: shape, sizes, partitions and searches follow from a seed, which FsCheck prints and shrinks.</summary>
    [Fact]
    public void Search_AfterAnyHistory_EqualsTheNaiveScan()
    {
        Arbitrary<int> seeds = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(25), Prop.ForAll(seeds, seed => RunHistory(new Random(seed))));
    }

    [Fact]
    public void Search_OverPartitionsOfDifferentKinds_EqualsTheNaiveScan()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), CellData.Options(32));
        collection.Upsert(CellData.Entries("clusters", 900, 32, 1, "a"));
        collection.Upsert(CellData.Entries("clusters", 30, 32, 2, "small"));
        collection.Upsert(CellData.Entries("duplicates", 700, 32, 3, "b"));
        collection.Upsert(CellData.Entries("clusters", 500, 32, 1, "twin"));
        collection.Compact();
        collection.Upsert(CellData.Entries("clusters", 40, 32, 9, "recent"));
        collection.Delete("row3");
        var rows = new NaiveRows(collection);
        foreach (float[] query in CellData.Queries("clusters", 500, 32, 1))
        {
            foreach (string? partition in (string?[])[null, "a", "small", "b", "twin", "recent", "absent"])
            {
                foreach (int k in (int[])[1, 10, 31, 3000])
                {
                    Assert.Equal(rows.Search(query, k, null, partition), CellData.Search(collection, query, new SearchOptions { K = k, Exact = true, Partition = partition }));
                    int approximate = CellData.Search(collection, query, new SearchOptions { K = k, Recall = 0.9, Partition = partition }).Length;
                    Assert.Equal(Math.Min(k, rows.Matches(null, partition)), approximate);
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
        foreach (SearchOptions options in Modes(5).SelectMany(mode => (SearchOptions[])[mode, mode with { Filter = new Filter.Equal("side", MetadataValue.Text("left")) }]))
        {
            foreach (int queries in (int[])[1, 6, 150])
            {
                float[] vectors = [.. Enumerable.Range(0, queries).SelectMany(i => CellData.Vector("clusters", i, 32, 4))];
                foreach (int threads in (int[])[1, 2, 3])
                {
                    var batch = new Neighbor[queries * 5];
                    var counts = new int[queries];
                    collection.SearchBatch(vectors, options, batch, counts, threads);
                    for (int i = 0; i < queries; i++)
                    {
                        Neighbor[] single = CellData.Search(collection, vectors[(i * 32)..((i + 1) * 32)], options);
                        Assert.True(single.AsSpan().SequenceEqual(batch.AsSpan(i * 5, counts[i])), $"query {i} of {queries} on {threads} threads differs: {options}");
                    }
                }
            }
        }
    }

    /// <summary>With few rows a filter leaves so few that they are compared one by one, with many their cells are searched.</summary>
    [Theory]
    [InlineData("clusters", 1500, 32)]
    [InlineData("duplicates", 1500, 32)]
    [InlineData("clusters", 11_000, 8)]
    [InlineData("random", 11_000, 8)]
    [InlineData("duplicates", 11_000, 8)]
    public void Search_WithAFilter_FindsWhatAFilteredScanFinds(string shape, int count, int dimension)
    {
        using VectorCollection collection = Build(shape, count, dimension);
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
            foreach (float[] query in CellData.Queries(shape, count, dimension, 1))
            {
                Neighbor[] all = rows.Search(query, int.MaxValue, filter);
                foreach (int k in (int[])[1, 10, 90])
                {
                    Neighbor[] expected = all[..Math.Min(k, matches)];
                    Assert.Equal(expected, CellData.Search(collection, query, new SearchOptions { K = k, Exact = true, Filter = filter }));
                    Assert.Equal(expected, CellData.Search(collection, query, new SearchOptions { K = k, Probes = int.MaxValue, Filter = filter }));
                    foreach (double recall in (double[])[0, 0.5, 0.9, 0.99])
                    {
                        Neighbor[] found = CellData.Search(collection, query, new SearchOptions { K = k, Recall = recall, Filter = filter });
                        Assert.Equal(Math.Min(k, matches), found.Length);
                        CheckSubset(found, all);
                    }
                }
            }
        }
    }

    [Fact]
    public void Search_WithOptionsOutOfRange_SaysSo()
    {
        using VectorCollection collection = Build("random", 200, 8);
        foreach (SearchOptions options in (SearchOptions[])
            [
                new() { K = 1, Probes = 0 },
                new() { K = 1, Probes = -3 },
                new() { K = 1, EfSearch = 0 },
                new() { K = 1, Recall = -0.1 },
                new() { K = 1, Recall = 1.1 },
                new() { K = 1, Recall = double.NaN },
            ])
        {
            Assert.Contains("Recall must be 0 to 1, Probes and EfSearch at least 1", Assert.Throws<ClssIndexException>(() => CellData.Search(collection, Samples.Unit(1, 8), options)).Message, StringComparison.Ordinal);
            Assert.Throws<ClssIndexException>(() => collection.SearchBatch(Samples.Unit(1, 8), options, new Neighbor[1], new int[1]));
        }
    }

    [Fact]
    public void Upsert_OfAZeroVector_IsRefusedAndChangesNothing()
    {
        using VectorCollection collection = Build("random", 100, 8);
        Assert.Contains("zero", Assert.Throws<ClssIndexException>(() => collection.Upsert(CellData.Entry(3, new float[8]))).Message, StringComparison.Ordinal);
        CompareExactModes(collection, CellData.Queries("random", 100, 8, 1), 100);
        Assert.Contains("zero", Assert.Throws<ClssIndexException>(() => CellData.Search(collection, new float[8], new SearchOptions { K = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compact_AfterEveryRowIsDeleted_LeavesAnEmptyCollection()
    {
        using VectorCollection collection = Build("clusters", 300, 32);
        for (int row = 0; row < 300; row++)
        {
            collection.Delete($"row{row}");
        }

        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3 }));
        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3, Exact = true }));
        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3, Probes = 100 }));
        collection.Compact();
        Assert.Empty(CellData.Search(collection, Samples.Unit(1, 32), new SearchOptions { K = 3, Exact = true }));
        collection.Upsert(CellData.Entries("line", 40, 32, 1));
        collection.Compact();
        CompareExactModes(collection, CellData.Queries("line", 40, 32, 1), 40);
    }

    private static SearchOptions[] Modes(int k) =>
    [
        new() { K = k, Exact = true },
        new() { K = k, Recall = 1 },
        new() { K = k },
        new() { K = k, Recall = 0.9 },
        new() { K = k, Recall = 0 },
        new() { K = k, Probes = 3 },
        new() { K = k, Probes = int.MaxValue },
        new() { K = k, Precision = ScanPrecision.Float32 },
    ];

    private static void CompareExactModes(VectorCollection collection, float[][] queries, int rows)
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
                Assert.Equal(expected, CellData.Search(collection, query, new SearchOptions { K = k, Probes = int.MaxValue }));
                Neighbor[] approximate = CellData.Search(collection, query, new SearchOptions { K = k, Recall = 0.9 });
                Assert.Equal(expected.Length, approximate.Length);
                CheckSubset(approximate, all);
            }
        }
    }

    /// <summary>What an approximate search returns are rows with their right similarities, in the right order, each once.</summary>
    private static void CheckSubset(Neighbor[] found, Neighbor[] all)
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

    private static void RunHistory(Random random)
    {
        using var folder = new TemporaryFolder();
        int dimension = random.Next(3, 50);
        using VectorCollection collection = VectorCollection.Create(folder.File("db"), CellData.Options(dimension, 1 + random.Next(30)));
        string[] partitions = [.. ((string[])["", "a", "b"]).Take(1 + random.Next(3))];
        string shape = "random";
        for (int round = 0; round < 3; round++)
        {
            shape = CellData.Shapes[random.Next(CellData.Shapes.Length)];
            string partition = partitions[random.Next(partitions.Length)];
            int first = random.Next(200);
            int seed = random.Next();
            collection.Upsert([.. Enumerable.Range(first, random.Next(1, 400)).Select(row => CellData.Entry(row, CellData.Vector(shape, row, dimension, seed), partition))]);
            for (int i = random.Next(60); i > 0; i--)
            {
                collection.Delete($"row{random.Next(600)}", random.Next(2) == 0 ? null : partition);
            }

            if (random.Next(3) > 0)
            {
                collection.Compact();
            }

            var rows = new NaiveRows(collection);
            foreach (float[] query in CellData.Queries(shape, 10, dimension, seed).Take(3))
            {
                int k = 1 + random.Next(1 + (rows.Count / 16));
                string? where = random.Next(2) == 0 ? null : partition;
                Filter? filter = random.Next(3) == 0 ? new Filter.Between("number", MetadataValue.Integer(random.Next(300)), default) : null;
                Neighbor[] expected = rows.Search(query, k, filter, where);
                var options = new SearchOptions { K = k, Exact = true, Partition = where, Filter = filter };
                Assert.Equal(expected, CellData.Search(collection, query, options));
                Assert.Equal(expected, CellData.Search(collection, query, options with { Exact = false, Probes = 1 << 20 }));
                Assert.Equal(expected.Length, CellData.Search(collection, query, options with { Exact = false, Recall = random.NextDouble() }).Length);
            }
        }
    }

    private VectorCollection Build(string shape, int rows, int dimension)
    {
        VectorCollection collection = VectorCollection.Create(_folder.File(Guid.NewGuid().ToString("N")), CellData.Options(dimension));
        collection.Upsert(CellData.Entries(shape, rows, dimension, 1));
        collection.Compact();
        return collection;
    }
}

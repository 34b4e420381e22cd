using Clss.Index.Tests.Cells;
using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>Collections in 16-bit fixed point find what a scan of their rounded vectors finds, whatever form the rows have at the moment.</summary>
[Trait("Tier", "any")]
public sealed class Int16StorageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<IndexKind, int> Indexes => new()
    {
        { IndexKind.Exact, 32 }, { IndexKind.Cells, 32 }, { IndexKind.Hnsw, 32 }, { IndexKind.Exact, 11 }, { IndexKind.Cells, 11 }, { IndexKind.Hnsw, 11 }, { IndexKind.Cells, 300 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Search_InEveryForm_FindsWhatAScanOfTheRoundedVectorsFinds(IndexKind kind, int dimension)
    {
        using VectorCollection collection = Create("db", kind, dimension);
        collection.Upsert(CellData.Entries("clusters", 900, dimension, 1, "a"));
        collection.Upsert(CellData.Entries("near ties", 300, dimension, 2, "b"));
        CheckSearches(collection, dimension);
        collection.Compact();
        Assert.All(collection.Info.Partitions, partition => Assert.Equal(kind, partition.Index));
        CheckSearches(collection, dimension);

        // Dead and recent rows, more than are scanned without looking at cells.
        collection.Delete("row17");
        collection.Upsert([.. CellData.Entries("clusters", 1500, dimension, 3, "a")[900..]]);
        collection.Upsert(CellData.Entry(5, CellData.Vector("random", 5, dimension, 6), "b"));
        CheckSearches(collection, dimension);
        collection.Commit();
        using VectorCollection reader = VectorCollection.Open(_folder.File("db"));
        CheckSearches(reader, dimension);
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void ReadAll_AfterMerges_GivesTheVectorsAsTheyWereRoundedWhenWritten(IndexKind kind, int dimension)
    {
        VectorEntry[] entries = CellData.Entries("clusters", 300, dimension, 1);
        string[] expected = [.. entries.Select(entry => Samples.Describe(entry with { Vector = Rounded(entry.Vector.ToArray()) }))];
        using VectorCollection collection = Create("db", kind, dimension);
        collection.Upsert(entries);
        Assert.Equal(expected, collection.ReadAll().Select(Samples.Describe));
        float[] query = Samples.Unit(70, dimension);
        (string, float)[] found = Results(collection, query);
        for (int merge = 0; merge < 5; merge++)
        {
            collection.Upsert(new VectorEntry { Key = "passing", Vector = query });
            collection.Commit();
            using (VectorCollection reader = VectorCollection.Open(_folder.File("db")))
            {
                Assert.Equal(expected, reader.ReadAll().Select(Samples.Describe).SkipLast(1));
            }

            collection.Compact();
            collection.Delete("passing");
            collection.Compact();
            Assert.Equal(expected, collection.ReadAll().Select(Samples.Describe));
            Assert.Equal(found, Results(collection, query));
        }

        Assert.Empty(VectorCollection.Verify(_folder.File("db")).Damages);
    }

    [Fact]
    public void Upsert_OfAVectorThatWasRead_KeepsItsBits()
    {
        using VectorCollection collection = Create("db", IndexKind.Exact, 32);
        using VectorCollection copy = Create("copy", IndexKind.Exact, 32);
        collection.Upsert(CellData.Entries("random", 500, 32, 1));
        foreach (VectorEntry entry in collection.ReadAll())
        {
            copy.Upsert(entry);
            collection.Upsert(entry);
        }

        string[] expected = [.. CellData.Entries("random", 500, 32, 1).Select(entry => Samples.Describe(entry with { Vector = Rounded(entry.Vector.ToArray()) }))];
        Assert.Equal(expected, collection.ReadAll().Select(Samples.Describe));
        Assert.Equal(expected, copy.ReadAll().Select(Samples.Describe));
    }

    [Fact]
    public void Upsert_OfNegativeZero_IsReadTheSameBeforeAndAfterAMerge()
    {
        using VectorCollection collection = Create("db", IndexKind.Exact, 3);
        collection.Upsert(new VectorEntry { Key = "x", Vector = new[] { 1f, -0f, -1e-9f } });
        string before = Samples.Describe(collection.Find("x")!);
        collection.Compact();
        Assert.Equal(before, Samples.Describe(collection.Find("x")!));
        Assert.Equal([1f, 0f, 0f], collection.Find("x")!.Vector.ToArray());
    }

    [Fact]
    public void Info_OfACollection_TellsTheStorage_AndTheFileIsSmaller()
    {
        long[] bytes = new long[2];
        foreach (VectorStorage storage in (VectorStorage[])[VectorStorage.Float32, VectorStorage.Int16])
        {
            string directory = _folder.File(storage.ToString());
            using (var collection = VectorCollection.Create(directory, CellData.Options(32) with { Storage = storage }))
            {
                collection.Upsert(CellData.Entries("random", 640, 32, 1));
                collection.Compact();
            }

            using VectorCollection opened = VectorCollection.Open(directory);
            Assert.Equal(storage, opened.Info.Storage);
            bytes[(int)storage] = opened.Info.BytesOnDisk;
        }

        // The schema's member takes a few bytes, which the padding of sections may double.
        Assert.InRange(bytes[0] - bytes[1], (640 * 64) - 128, 640 * 64);
    }

    [Fact]
    public void Create_WithAnUnknownStorage_Fails() => Assert.Throws<ClssIndexException>(() =>
        VectorCollection.Create(_folder.File("db"), new CollectionOptions { Dimension = 3, Storage = (VectorStorage)7 }).Dispose());

    [Fact]
    public void ContentHash_OfTheSameContent_IsTheSame()
    {
        foreach (string name in (string[])["a", "b", "c"])
        {
            using VectorCollection collection = Create(name, IndexKind.Cells, 32);
            collection.Upsert(CellData.Entries("random", 200, 32, name == "c" ? 2 : 1));
            collection.Compact();
        }

        using (VectorCollection floats = VectorCollection.Create(_folder.File("floats"), CellData.Options(32)))
        {
            floats.Upsert(CellData.Entries("random", 200, 32, 1));
            floats.Compact();
        }

        string hash = VectorCollection.ContentHash(_folder.File("a"));
        Assert.Equal(hash, VectorCollection.ContentHash(_folder.File("b")));
        Assert.NotEqual(hash, VectorCollection.ContentHash(_folder.File("c")));
        Assert.NotEqual(hash, VectorCollection.ContentHash(_folder.File("floats")));
    }

    [Theory]
    [InlineData(IndexKind.Exact)]
    [InlineData(IndexKind.Cells)]
    [InlineData(IndexKind.Hnsw)]
    public void Search_Repeated_AllocatesNothing(IndexKind kind)
    {
        using VectorCollection collection = Create("db", kind, 32);
        collection.Upsert(CellData.Entries("clusters", 3000, 32, 1));
        collection.Compact();
        collection.Upsert(CellData.Entries("clusters", 3600, 32, 1)[3000..]);
        SearchOptions[] modes = [new() { K = 10 }, new() { K = 10, Exact = true }, new() { K = 10, Precision = ScanPrecision.Float32, Exact = true }];
        float[] query = Samples.Unit(70, 32);
        var neighbors = new Neighbor[10];
        List<long> allocated = [];
        for (int run = 0; run < 8; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (SearchOptions options in modes)
            {
                collection.Search(query, options, neighbors);
            }

            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Contains(0, allocated.Skip(1));
    }

    /// <summary>What is stored, by its definition.</summary>
    private static float[] Rounded(float[] vector)
    {
        double norm = Math.Sqrt(vector.Sum(x => (double)x * x));
        float[] unit = Math.Abs(norm - 1) <= 1e-6 ? vector : [.. vector.Select(x => (float)(x / norm))];
        return [.. unit.Select(x => (short)Math.Round(x * 32767.0) * (1f / 32767))];
    }

    private static (string, float)[] Results(VectorCollection collection, float[] query) =>
        [.. CellData.Search(collection, query, new SearchOptions { K = 20, Exact = true }).Select(neighbor => (collection[neighbor.Ordinal].Key, neighbor.Similarity)).OrderByDescending(hit => hit.Similarity).ThenBy(hit => hit.Key, StringComparer.Ordinal)];

    private static void CheckSearches(VectorCollection collection, int dimension)
    {
        var naive = new NaiveRows(collection);
        Filter filter = new Filter.Between("number", MetadataValue.Integer(100), MetadataValue.Integer(400));
        float[][] queries = [.. CellData.Queries("clusters", 900, dimension, 1), .. collection.ReadAll().Take(3).Select(entry => entry.Vector.ToArray())];
        foreach ((Filter? wanted, string? partition) in ((Filter?, string?)[])[(null, null), (null, "a"), (filter, null), (filter, "b")])
        {
            Neighbor[][] expected = [.. queries.Select(query => naive.Search(query, 10, wanted, partition))];
            var options = new SearchOptions { K = 10, Filter = wanted, Partition = partition };
            foreach (SearchOptions exact in (SearchOptions[])[options with { Exact = true }, options with { Recall = 1 }, options with { Exact = true, Precision = ScanPrecision.Float32 }])
            {
                Assert.Equal(expected, queries.Select(query => CellData.Search(collection, query, exact)));
                foreach (int threads in (int[])[1, 3])
                {
                    Assert.Equal(expected, Batch(collection, queries, exact, threads));
                }
            }

            // Settings that leave nothing out. Which of equal rows a graph finds is its own affair.
            SearchOptions nearly = options with { EfSearch = 4000, Probes = int.MaxValue };
            Neighbor[][] found = [.. queries.Select(query => CellData.Search(collection, query, nearly))];
            for (int i = 0; i < queries.Length; i++)
            {
                Neighbor[] all = naive.Search(queries[i], naive.Count, wanted, partition);
                Assert.Equal(expected[i].Select(neighbor => neighbor.Similarity), found[i].Select(neighbor => neighbor.Similarity));
                Assert.Equal(found[i], all.Where(found[i].Contains));
            }

            Assert.Equal(found, Batch(collection, queries, nearly, 2));
        }
    }

    private static Neighbor[][] Batch(VectorCollection collection, float[][] queries, SearchOptions options, int threads)
    {
        var neighbors = new Neighbor[queries.Length * options.K];
        var counts = new int[queries.Length];
        collection.SearchBatch(queries.SelectMany(query => query).ToArray(), options, neighbors, counts, threads);
        return [.. Enumerable.Range(0, queries.Length).Select(i => neighbors[(i * options.K)..((i * options.K) + counts[i])])];
    }

    private VectorCollection Create(string name, IndexKind kind, int dimension) => VectorCollection.Create(
        _folder.File(name), CellData.Options(dimension) with { Storage = VectorStorage.Int16, Index = new IndexOptions { Kind = kind, Cells = new CellParameters { RowsPerCell = kind == IndexKind.Cells ? 16 : 0 } } });
}

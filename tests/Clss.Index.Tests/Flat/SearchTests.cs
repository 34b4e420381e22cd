using Clss.Testing;

namespace Clss.Index.Tests.Flat;

/// <summary>Search against a naive scan over data of many shapes: one at a time, in batches, at both precisions, with filters, partitions and removed rows.</summary>
[Trait("Tier", "any")]
public sealed class SearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<string, int, int>();
            foreach (string shape in (string[])["random", "clusters", "equal", "duplicates", "axes", "one element", "near ties"])
            {
                foreach (int rows in (int[])[1, 2, 17, 64, 65, 1000])
                {
                    shapes.Add(shape, rows, 32);
                }

                shapes.Add(shape, 300, 5);
                shapes.Add(shape, 200, 100);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Search_OverAnyData_EqualsTheNaiveScan(string shape, int rows, int dimension)
    {
        using VectorCollection collection = Build(shape, rows, dimension, seed: rows + dimension);
        Compare(collection, shape, dimension, filter: null, partition: null);
        Compare(collection, shape, dimension, new Filter.Between("number", MetadataValue.Integer(10), MetadataValue.Integer(rows * 2L / 3)), "b");
        collection.Compact();
        Compare(collection, shape, dimension, filter: null, partition: null);
        Compare(collection, shape, dimension, filter: null, partition: "a");
        for (int row = 0; row < rows; row += 3)
        {
            collection.Delete($"row{row}");
        }

        // Rows of every kind at once: in the generation, removed from it, replaced, and recent.
        for (int row = 0; row < rows; row += 4)
        {
            collection.Upsert(Entry(shape, row, rows, dimension, seed: row));
        }

        Compare(collection, shape, dimension, filter: null, partition: null);
        Compare(collection, shape, dimension, new Filter.Not(new Filter.Equal("number", MetadataValue.Integer(4))), "a");
    }

    [Fact]
    public void Search_OfAnEmptyCollectionOrPartition_FindsNothing()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), new CollectionOptions { Dimension = 8 });
        var neighbors = new Neighbor[4];
        Assert.Equal(0, collection.Search(Samples.Unit(1, 8), new SearchOptions { K = 4 }, neighbors));
        collection.Upsert(new VectorEntry { Key = "a", Vector = Samples.Unit(2, 8) });
        Assert.Equal(1, collection.Search(Samples.Unit(1, 8), new SearchOptions { K = 4 }, neighbors));
        Assert.Equal(0, collection.Search(Samples.Unit(1, 8), new SearchOptions { K = 4, Partition = "absent" }, neighbors));
        var counts = new int[1];
        collection.SearchBatch(Samples.Unit(1, 8), new SearchOptions { K = 4, Partition = "absent" }, neighbors, counts);
        Assert.Equal(0, counts[0]);
        collection.SearchBatch([], new SearchOptions { K = 4 }, [], []);
    }

    [Theory]
    [InlineData(ScanPrecision.Float32)]
    [InlineData(ScanPrecision.Int8)]
    public void Search_Repeated_AllocatesNothing(ScanPrecision precision)
    {
        using VectorCollection collection = Build("clusters", 5000, 32, seed: 3);
        collection.Compact();
        collection.Upsert(Entry("random", 1, 10, 32, 9));
        var neighbors = new Neighbor[10];
        float[] query = Samples.Unit(5, 32);
        var plain = new SearchOptions { K = 10, Precision = precision };
        var filtered = plain with { Partition = "a", Filter = new Filter.Equal("number", MetadataValue.Integer(7)) };

        // The first run warms up. A collection of garbage that another test causes can be charged to this thread; an allocation of ours would be in every run.
        long[] allocated = [.. Enumerable.Range(0, 6).Select(_ => Allocated())];
        Assert.Contains(0, allocated[1..]);

        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int round = 0; round < 100; round++)
            {
                collection.Search(query, plain, neighbors);
                collection.Search(query, filtered, neighbors);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Search_WithAWrongQuery_SaysWhatIsWrong()
    {
        using VectorCollection collection = Build("random", 3, 8, seed: 1);
        var neighbors = new Neighbor[2];
        var options = new SearchOptions { K = 2 };
        Assert.Contains("7 elements", Message(() => collection.Search(new float[7], options, neighbors)), StringComparison.Ordinal);
        Assert.Contains("zero", Message(() => collection.Search(new float[8], options, neighbors)), StringComparison.Ordinal);
        Assert.Contains("element 2 of the vector is NaN", Message(() => collection.Search([1, 1, float.NaN, 1, 1, 1, 1, 1], options, neighbors)), StringComparison.Ordinal);
        Assert.Contains("room", Message(() => collection.Search(Samples.Unit(1, 8), options with { K = 3 }, neighbors)), StringComparison.Ordinal);
        Assert.Contains("K must be at least 1", Message(() => collection.Search(Samples.Unit(1, 8), options with { K = 0 }, neighbors)), StringComparison.Ordinal);
        Assert.Contains("no column \"absent\"", Message(() => collection.Search(Samples.Unit(1, 8), options with { Filter = new Filter.Equal("absent", default) }, neighbors)), StringComparison.Ordinal);
        Assert.Contains("Query 1", Message(() => collection.SearchBatch([.. Samples.Unit(1, 8), .. new float[8]], options, new Neighbor[4], new int[2])), StringComparison.Ordinal);
    }

    [Fact]
    public void SearchBatch_OfManyQueriesOnManyThreads_EqualsOneAtATime()
    {
        using VectorCollection collection = Build("clusters", 3000, 32, seed: 8);
        collection.Compact();
        foreach (int queries in (int[])[1, 3, 4, 130, 600])
        {
            float[] vectors = [.. Enumerable.Range(0, queries).SelectMany(i => Samples.Unit(9000 + i, 32))];
            foreach (ScanPrecision precision in Enum.GetValues<ScanPrecision>())
            {
                var options = new SearchOptions { K = 7, Precision = precision };
                Neighbor[] single = OneAtATime(collection, vectors, 32, options);
                foreach (int threads in (int[])[1, 2, 5])
                {
                    var batch = new Neighbor[queries * 7];
                    var counts = new int[queries];
                    collection.SearchBatch(vectors, options, batch, counts, threads);
                    Assert.Equal(single, batch);
                    Assert.All(counts, count => Assert.Equal(7, count));
                }
            }
        }
    }

    private static string Message(Action action) => Assert.Throws<ClssIndexException>(action).Message;

    private static Neighbor[] OneAtATime(VectorCollection collection, float[] vectors, int dimension, SearchOptions options)
    {
        var neighbors = new Neighbor[vectors.Length / dimension * options.K];
        for (int i = 0; i < vectors.Length / dimension; i++)
        {
            collection.Search(vectors.AsSpan(i * dimension, dimension), options, neighbors.AsSpan(i * options.K, options.K));
        }

        return neighbors;
    }

    private static void Compare(VectorCollection collection, string shape, int dimension, Filter? filter, string? partition)
    {
        VectorEntry[] rows = [.. collection.ReadAll()];
        float[][] queries = [.. Enumerable.Range(0, 3).Select(i => Samples.Unit(70 + i, dimension)), rows[^1].Vector.ToArray(), rows[0].Vector.ToArray()];
        int[] sizes = [1, 5, rows.Length + 10];
        foreach (int k in sizes)
        {
            var options = new SearchOptions { K = k, Filter = filter, Partition = partition, Precision = ScanPrecision.Float32 };
            var found = new Neighbor[queries.Length * k];
            var coded = new Neighbor[queries.Length * k];
            for (int i = 0; i < queries.Length; i++)
            {
                int count = collection.Search(queries[i], options, found.AsSpan(i * k, k));
                (string Key, string Partition, float Similarity)[] named =
                    [.. found.AsSpan(i * k, count).ToArray().Select(n => (collection[n.Ordinal].Key, collection[n.Ordinal].Partition, n.Similarity))];
                Assert.Equal(Naive(rows, queries[i], k, filter, partition), named);
                Assert.Equal(count, collection.Search(queries[i], options with { Precision = ScanPrecision.Int8 }, coded.AsSpan(i * k, k)));
            }

            Assert.Equal(found, coded);
            foreach (ScanPrecision precision in Enum.GetValues<ScanPrecision>())
            {
                var batch = new Neighbor[queries.Length * k];
                collection.SearchBatch([.. queries.SelectMany(q => q)], options with { Precision = precision }, batch, new int[queries.Length], threads: 2);
                Assert.True(found.AsSpan().SequenceEqual(batch), $"{shape}: batch at {precision} differs");
            }
        }
    }

    /// <summary>Sorts every row by similarity in double precision rounded to float; LINQ's sort is stable, so ties keep the order of rows.</summary>
    private static (string Key, string Partition, float Similarity)[] Naive(VectorEntry[] rows, float[] query, int k, Filter? filter, string? partition) =>
    [
        .. rows.Where(row => partition is null || row.Partition == partition)
            .Where(row => filter is null || NaiveFilter.Accepts(filter, row))
            .Select(row => (row.Key, row.Partition, Similarity: Similarity(row.Vector.Span, query)))
            .OrderByDescending(row => row.Similarity)
            .Take(k),
    ];

    private static float Similarity(ReadOnlySpan<float> row, ReadOnlySpan<float> query)
    {
        var sums = new double[8];
        for (int j = 0; j < row.Length; j++)
        {
            sums[j % 8] += (double)row[j] * query[j];
        }

        return (float)(((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
    }

    private VectorCollection Build(string shape, int rows, int dimension, int seed)
    {
        var collection = VectorCollection.Create(
            _folder.File(Guid.NewGuid().ToString("N")),
            new CollectionOptions { Dimension = dimension, Columns = [new ColumnDefinition("number", ColumnType.Integer)] });
        collection.Upsert([.. Enumerable.Range(0, rows).Select(row => Entry(shape, row, rows, dimension, seed))]);
        return collection;
    }

    private static VectorEntry Entry(string shape, int row, int rows, int dimension, int seed)
    {
        float[] vector = shape switch
        {
            "clusters" => Near(Samples.Unit(row % 10, dimension), Samples.Unit(seed + row, dimension), 0.2f),
            "equal" => Samples.Unit(4, dimension),
            "duplicates" => Samples.Unit(row % 3, dimension),
            "axes" => Axis(row, dimension),
            "one element" => [row % 2 == 0 ? 1 : -1, .. new float[dimension - 1]],
            "near ties" => Near(Samples.Unit(70, dimension), Samples.Unit(seed + row, dimension), 1e-6f),
            _ => Samples.Unit((seed * 7919) + row, dimension),
        };
        var metadata = new Dictionary<string, MetadataValue>();
        if (row % 5 != 0)
        {
            metadata["number"] = MetadataValue.Integer(row);
        }

        return new VectorEntry { Key = $"row{row}", Partition = row * 2 < rows ? "a" : "b", Vector = vector, Metadata = metadata };
    }

    private static float[] Axis(int row, int dimension)
    {
        var vector = new float[dimension];
        vector[row % dimension] = row / dimension % 2 == 0 ? 1 : -1;
        return vector;
    }

    private static float[] Near(float[] centre, float[] direction, float distance) =>
        [.. centre.Zip(direction, (c, d) => c + (distance * d))];
}

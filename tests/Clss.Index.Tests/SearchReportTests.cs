using Clss.Index.Hnsw;
using Clss.Index.Tests.Cells;
using Clss.Testing;

namespace Clss.Index.Tests;

/// <summary>What searches report: a result that is said to be exact is exact, always, and the same as without a report.</summary>
public sealed class SearchReportTests : IDisposable
{
    private const int Dimension = 8;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, IndexKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, IndexKind>();
            foreach (string shape in (string[])["random", "clusters", "duplicates", "near ties", "line", "lines"])
            {
                cases.Add(shape, IndexKind.Cells);
                cases.Add(shape, IndexKind.Hnsw);
            }

            return cases;
        }
    }

    [Trait("Tier", "any")]
    [Theory]
    [MemberData(nameof(Cases))]
    public void Search_SaidToBeExact_EqualsTheExactOne(string shape, IndexKind kind)
    {
        using VectorCollection collection = Build(shape, 2000, kind);
        collection.Upsert(CellData.Entries(shape, 300, Dimension, 5, "b"));
        collection.Compact();
        collection.Delete("row11");
        collection.Upsert(CellData.Entry(3, Samples.Unit(5, Dimension)));
        Compare(collection, shape);

        // So many recent rows that only those of the cells scanned are looked at.
        collection.Upsert(CellData.Entries(shape, 900, Dimension, 6));
        Compare(collection, shape);
    }

    [Theory]
    [InlineData(IndexKind.Cells)]
    [InlineData(IndexKind.Hnsw)]
    [InlineData(IndexKind.Exact)]
    public void Search_Exactly_IsReportedAsExact(IndexKind kind)
    {
        using VectorCollection collection = Build("clusters", 2000, kind);
        collection.Upsert(CellData.Entry(5000, Samples.Unit(5, Dimension)));
        foreach (float[] query in CellData.Queries("clusters", 2000, Dimension, 1))
        {
            foreach (SearchOptions options in (SearchOptions[])[new() { K = 10, Exact = true }, new() { K = 10, Recall = 1 }, new() { K = 10, Precision = ScanPrecision.Float32 }])
            {
                SearchReport report = Report(collection, query, options);
                Assert.True(report.IsExact, $"{options}");
                bool usesCells = kind == IndexKind.Cells && options.Precision == ScanPrecision.Int8;
                Assert.Equal(usesCells, report.CellsScanned > 0);
                Assert.True(usesCells ? report.RowsCompared is > 10 and <= 2001 : report.RowsCompared == 2001, $"{report}");
            }
        }
    }

    [Fact]
    public void Search_OfCells_ReportsWhatItScanned()
    {
        using VectorCollection collection = Build("clusters", 2000, IndexKind.Cells);
        int cells = collection.Info.Partitions[0].Cells;
        float[] query = Samples.Unit(3, Dimension);
        SearchReport few = Report(collection, query, new SearchOptions { K = 10, Probes = 3 });
        Assert.Equal(3, few.CellsScanned);
        Assert.InRange(few.RowsCompared, 1, 500);
        Assert.Equal(new SearchReport { IsExact = true, CellsScanned = cells, RowsCompared = 2000 }, Report(collection, query, new SearchOptions { K = 10, Probes = int.MaxValue }));

        // A row that is dead, and those that a filter refuses, are not compared; a recent one is.
        collection.Delete("row17");
        collection.Upsert(CellData.Entry(9000, query));
        Assert.Equal(new SearchReport { IsExact = true, CellsScanned = cells, RowsCompared = 2000 }, Report(collection, query, new SearchOptions { K = 10, Probes = int.MaxValue }));
        var filter = new Filter.AnyOf("key", [MetadataValue.Text("row4"), MetadataValue.Text("row5"), MetadataValue.Text("row17"), MetadataValue.Text("row9000")]);
        Assert.Equal(new SearchReport { IsExact = true, CellsScanned = 0, RowsCompared = 3 }, Report(collection, query, new SearchOptions { K = 10, Filter = filter }));
    }

    /// <summary>A certificate is of use only if it is given: most queries near rows get one when they ask for enough.</summary>
    [Fact]
    public void Search_ForAHighRecall_IsMostlyCertified()
    {
        using VectorCollection collection = Build("clusters", 4000, IndexKind.Cells);
        int[] certified = [.. ((double[])[0, 0.9, 0.9999]).Select(recall => Enumerable.Range(0, 200).Count(i =>
            Report(collection, CellData.Vector("clusters", i, Dimension, 3), new SearchOptions { K = 1, Recall = recall }).IsExact))];
        Assert.Equal(certified.Order(), certified);
        Assert.InRange(certified[2], 20, 200);
    }

    [Fact]
    public void Search_OfAGraph_ReportsTheRowsThatItMet()
    {
        using VectorCollection collection = Build("random", 3000, IndexKind.Hnsw);
        SearchReport narrow = Report(collection, Samples.Unit(4, Dimension), new SearchOptions { K = 10, EfSearch = 10 });
        SearchReport wide = Report(collection, Samples.Unit(4, Dimension), new SearchOptions { K = 10, EfSearch = 300 });
        Assert.Equal((false, 0), (wide.IsExact, wide.CellsScanned));
        Assert.InRange(narrow.RowsCompared, 10, wide.RowsCompared - 1);
        Assert.InRange(wide.RowsCompared, 100, 3000);
    }

    private static SearchReport Report(VectorCollection collection, float[] query, SearchOptions options)
    {
        collection.Search(query, options, new Neighbor[options.K], out SearchReport report);
        return report;
    }

    private static void Compare(VectorCollection collection, string shape)
    {
        Filter side = new Filter.Equal("side", MetadataValue.Text("left"));
        float[][] queries = [.. CellData.Queries(shape, 2000, Dimension, 1), .. Enumerable.Range(0, 6).Select(i => CellData.Vector(shape, 37 * i, Dimension, 1))];
        foreach (int k in (int[])[1, 10, 60])
        {
            SearchOptions[] modes =
            [
                new() { K = k, Recall = 0 }, new() { K = k, Recall = 0.9 }, new() { K = k }, new() { K = k, Recall = 0.9999 }, new() { K = k, Probes = 2 }, new() { K = k, Probes = 60 },
                new() { K = k, EfSearch = 20 }, new() { K = k, Partition = "b" }, new() { K = k, Filter = side }, new() { K = k, Recall = 0.9, Filter = side, Partition = "" },
            ];
            foreach (SearchOptions options in modes)
            {
                foreach (float[] query in queries)
                {
                    var found = new Neighbor[k];
                    int count = collection.Search(query, options, found, out SearchReport report);
                    Assert.Equal(CellData.Search(collection, query, options), found[..count]);
                    if (report.IsExact)
                    {
                        Assert.Equal(CellData.Search(collection, query, options with { Exact = true }), found[..count]);
                    }
                }
            }
        }
    }

    private VectorCollection Build(string shape, int rows, IndexKind kind)
    {
        var index = new IndexOptions { Kind = kind, Cells = new CellParameters { RowsPerCell = 16 }, Hnsw = new HnswParameters { M = 8, EfConstruction = 40 } };
        VectorCollection collection = VectorCollection.Create(_folder.File("db"), CellData.Options(Dimension) with { Index = index });
        collection.Upsert(CellData.Entries(shape, rows, Dimension, 1));
        collection.Compact();
        return collection;
    }
}

using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Searches through cells take no memory once the first has run.</summary>
public sealed class CellAllocationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VectorCollection _collection;

    public CellAllocationTests()
    {
        _collection = VectorCollection.Create(_folder.File("db"), CellData.Options(32, rowsPerCell: 32));
        _collection.Upsert(CellData.Entries("clusters", 6000, 32, 1, "a"));
        _collection.Upsert(CellData.Entries("random", 1000, 32, 2, "b"));
        _collection.Compact();
    }

    public static TheoryData<string> Modes => new("exact", "recall 1", "recall 0.99", "recall 0.5", "probes", "all probes");

    public void Dispose()
    {
        _collection.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Search_Repeated_AllocatesNothing(string mode)
    {
        SearchOptions options = mode switch
        {
            "exact" => new() { K = 10, Exact = true },
            "recall 1" => new() { K = 10, Recall = 1 },
            "recall 0.99" => new() { K = 10 },
            "recall 0.5" => new() { K = 10, Recall = 0.5 },
            "probes" => new() { K = 10, Probes = 5 },
            _ => new() { K = 10, Probes = int.MaxValue },
        };
        SearchOptions inPartition = options with { Partition = "a" };

        // It leaves so many rows of one partition that their cells are searched, and so few of the other that these are compared one by one.
        SearchOptions filtered = options with { Filter = new Filter.Between("number", MetadataValue.Integer(0), default) };
        float[][] queries = CellData.Queries("clusters", 5000, 32, 1);
        var neighbors = new Neighbor[10];
        RequireNone(() => Search(options) + Search(inPartition) + Search(filtered));

        // Rows that are dead or recent take other ways.
        _collection.Delete("row17");
        _collection.Upsert(CellData.Entry(18, Samples.Unit(6, 32), "a"));
        RequireNone(() => Search(options) + Search(inPartition) + Search(filtered));

        int Search(SearchOptions how)
        {
            int found = 0;
            foreach (float[] query in queries)
            {
                found += _collection.Search(query, how, neighbors);
            }

            return found;
        }
    }

    /// <summary>
    /// The first run warms up. A collection of garbage that another test causes can be charged to this thread; an allocation of a search would be in
    /// every run.
    /// </summary>
    private static void RequireNone(Func<int> action)
    {
        List<long> allocated = [];
        for (int run = 0; run < 8; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int found = 0;
            for (int round = 0; round < 10; round++)
            {
                found += action();
            }

            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.InRange(found, 1, int.MaxValue);
        }

        Assert.Contains(0, allocated.Skip(1));
    }
}

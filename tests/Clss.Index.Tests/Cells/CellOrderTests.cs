using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Rows lie in cells, and are read in the order of writing all the same.</summary>
public sealed class CellOrderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadAll_AfterAnyNumberOfCompactions_IsTheOrderOfWriting()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), CellData.Options(16));
        List<string> a = [.. Write(collection, 0, 400, "a")];
        List<string> b = [.. Write(collection, 0, 300, "b")];
        AssertOrder();
        collection.Compact();
        CellData.RequireCells(collection);

        // The rows do lie in another order, or this would test nothing.
        var neighbors = new Neighbor[700];
        collection.Search(Samples.Unit(1, 16), new SearchOptions { K = 700, Exact = true }, neighbors);
        string[] byOrdinal = [.. neighbors.OrderBy(neighbor => neighbor.Ordinal).Select(neighbor => collection[neighbor.Ordinal].Key)];
        Assert.NotEqual([.. a, .. b], byOrdinal);
        AssertOrder();

        for (int round = 0; round < 3; round++)
        {
            foreach (int row in (int[])[(50 * round) + 3, (50 * round) + 4, 399 - round])
            {
                Assert.Equal(1, collection.Delete($"row{row}", "a"));
                a.Remove($"row{row}");
            }

            // Replaced rows are new ones and come last; a row deleted and written again too.
            foreach (string key in Write(collection, 100 + (10 * round), 5, "a").Concat(Write(collection, (50 * round) + 3, 1, "a")))
            {
                a.Remove(key);
                a.Add(key);
            }

            b.AddRange(Write(collection, 1000 + (100 * round), 20, "b"));
            AssertOrder(isFolded: false);
            collection.Commit();
            AssertOrder(isFolded: false);
            collection.Compact();
            AssertOrder();
        }

        using VectorCollection reopened = VectorCollection.Open(_folder.File("db"));
        Assert.Equal([.. a, .. b], reopened.ReadAll().Select(entry => entry.Key));
        Filter filter = new Filter.Equal("side", MetadataValue.Text("left"));
        Assert.Equal(reopened.ReadAll().Where(entry => NaiveFilter.Accepts(filter, entry)).Select(entry => entry.Key), reopened.ReadAll(filter).Select(entry => entry.Key));
        Assert.Empty(VectorCollection.Verify(_folder.File("db")).Damages);

        // Rows written since the last generation come after all of it, those of every partition together.
        void AssertOrder(bool isFolded = true)
        {
            VectorEntry[] entries = [.. collection.ReadAll()];
            Assert.Equal([.. a, .. b], (isFolded ? entries : [.. entries.OrderBy(entry => entry.Partition, StringComparer.Ordinal)]).Select(entry => entry.Key));
        }
    }

    [Fact]
    public void ReadAll_AfterCompaction_GivesEveryRowItsValues()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns with { Index = CellData.Options(32).Index });
        var random = new Random(8);
        collection.Upsert([.. Enumerable.Range(0, 800).Select(_ => Samples.Entry(random, 400))]);
        string[] before = [.. collection.ReadAll().OrderBy(entry => entry.Partition, StringComparer.Ordinal).Select(Samples.Describe)];
        collection.Compact();
        CellData.RequireCells(collection);
        Assert.Equal(before, collection.ReadAll().OrderBy(entry => entry.Partition, StringComparer.Ordinal).Select(Samples.Describe));
        foreach (VectorEntry entry in collection.ReadAll().Where((_, i) => i % 10 == 0))
        {
            Assert.Equal(Samples.Describe(entry), Samples.Describe(collection.Find(entry.Key, entry.Partition)!));
        }
    }

    [Fact]
    public void ContentHash_OfTheSameRowsInTheSameOrder_IsTheSame()
    {
        string first = Build("first", options => options);
        Assert.Equal(first, Build("second", options => options));
        Assert.NotEqual(first, Build("seed", options => options with { Index = options.Index with { Seed = 43 } }));
        Assert.NotEqual(first, Build("exact", options => options with { Index = new IndexOptions { Kind = IndexKind.Exact } }));

        string Build(string name, Func<CollectionOptions, CollectionOptions> change)
        {
            using (VectorCollection collection = VectorCollection.Create(_folder.File(name), change(CellData.Options(16))))
            {
                collection.Upsert(CellData.Entries("clusters", 3000, 16, 1));
                collection.Compact();
            }

            return VectorCollection.ContentHash(_folder.File(name));
        }
    }

    private static IEnumerable<string> Write(VectorCollection collection, int first, int count, string partition)
    {
        collection.Upsert([.. Enumerable.Range(first, count).Select(row => CellData.Entry(row, CellData.Vector("clusters", row, 16, 1), partition))]);
        return Enumerable.Range(first, count).Select(row => $"row{row}");
    }
}

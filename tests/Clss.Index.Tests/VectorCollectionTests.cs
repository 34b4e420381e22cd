using Clss.Testing;

namespace Clss.Index.Tests;

[Trait("Tier", "any")]
public sealed class VectorCollectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reopen_AfterCommit_HoldsEveryColumnType(bool compact)
    {
        string directory = _folder.File("db");
        var entry = new VectorEntry
        {
            Key = "P12345",
            Partition = "sequence",
            Vector = Samples.Unit(1, 32),
            Metadata = new Dictionary<string, MetadataValue>
            {
                ["name"] = MetadataValue.Text("Häm"),
                ["length"] = MetadataValue.Integer(-5_000_000_000),
                ["plddt"] = MetadataValue.Real(87.25),
                ["reviewed"] = MetadataValue.Flag(true),
                ["genes"] = MetadataValue.TextList(["hbA", "", "β"]),
            },
        };
        using (var collection = VectorCollection.Create(directory, Samples.AllColumns))
        {
            collection.Upsert([entry, new VectorEntry { Key = "bare", Vector = Samples.Unit(2, 32) }]);
            if (compact)
            {
                collection.Compact();
            }

            collection.Commit();
        }

        using var reopened = VectorCollection.Open(directory);
        VectorEntry found = reopened.Find("P12345", "sequence")!;
        Assert.Equal(entry.Metadata.OrderBy(p => p.Key), found.Metadata.OrderBy(p => p.Key));
        Assert.Equal(entry.Vector.ToArray(), found.Vector.ToArray());
        Assert.Empty(reopened.Find("bare")!.Metadata);
        Assert.Null(reopened.Find("bare", "sequence"));
        Assert.True(reopened.Contains("bare", ""));
        Assert.Equal(2, reopened.Info.Count);
        Assert.Equal(2, reopened.ReadAll().Count());
        Assert.Equal(compact ? 2 : 1, reopened.Info.Generation);
        Assert.True(VectorCollection.Verify(directory).IsIntact);

        var best = new Neighbor[2];
        Assert.Equal(2, reopened.Search(entry.Vector.Span, new SearchOptions { K = 2 }, best));
        Assert.Equal("P12345", reopened[best[0].Ordinal].Key);
        Assert.Equal(1f, best[0].Similarity, 1e-6f);
    }
}

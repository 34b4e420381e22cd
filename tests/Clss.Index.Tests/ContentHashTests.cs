using Clss.Testing;

namespace Clss.Index.Tests;

public sealed class ContentHashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void ContentHash_FollowsTheContent()
    {
        Fill("a", "x", "y");
        Fill("b", "x", "y");
        Fill("c", "x", "z");
        string first = VectorCollection.ContentHash(_folder.File("a"));
        Assert.StartsWith("sha256:", first, StringComparison.Ordinal);
        Assert.Equal(first, VectorCollection.ContentHash(_folder.File("b")));
        Assert.NotEqual(first, VectorCollection.ContentHash(_folder.File("c")));
    }

    [Fact]
    public void ContentHash_OfLoggedChanges_Changes_AndUncommittedOnesDoNotCount()
    {
        Fill("a", "x", "y");
        string before = VectorCollection.ContentHash(_folder.File("a"));
        using VectorCollection collection = VectorCollection.Open(_folder.File("a"), OpenMode.ReadWrite);
        collection.Upsert(Entry("late"));
        Assert.Equal(before, VectorCollection.ContentHash(_folder.File("a")));
        collection.Commit();
        Assert.NotEqual(before, VectorCollection.ContentHash(_folder.File("a")));
    }

    [Fact]
    public void ContentHash_OfNothing_Fails() =>
        Assert.ThrowsAny<ClssIndexException>(() => VectorCollection.ContentHash(_folder.File("nothing")));

    public void Dispose() => _folder.Dispose();

    private void Fill(string name, params string[] keys)
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File(name), new CollectionOptions { Dimension = 4 });
        foreach (string key in keys)
        {
            collection.Upsert(Entry(key));
        }

        collection.Commit();
        collection.Compact();
    }

    private static VectorEntry Entry(string key) => new() { Key = key, Vector = new float[] { 1, 2, 3, key[0] } };
}

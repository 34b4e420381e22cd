using Clss.Testing;

namespace Clss.Index.Tests;

/// <summary>What a collection takes, keeps and refuses.</summary>
public sealed class EntryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VectorCollection _collection;

    public EntryTests() => _collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns with { Dimension = 3 });

    public void Dispose()
    {
        _collection.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Upsert_OfVectorsWithoutDirection_NamesEntryAndElement()
    {
        Refuses("Entry \"k\": element 1 of the vector is NaN", new VectorEntry { Key = "k", Vector = new[] { 1, float.NaN, 0 } });
        Refuses("element 2 of the vector is -", new VectorEntry { Key = "k", Vector = new[] { 1, 0, float.NegativeInfinity } });
        Refuses("every element of the vector is zero", new VectorEntry { Key = "k", Vector = new float[3] });
        Refuses("has 2 elements; the collection holds vectors of 3", new VectorEntry { Key = "k", Vector = new float[2] });
    }

    [Fact]
    public void Upsert_OfWrongNamesAndValues_SaysWhatIsWrong()
    {
        Refuses("no key", Entry("", null, default));
        Refuses("key takes 70000 bytes", Entry(new string('k', 70_000), null, default));
        Refuses("not valid Unicode", Entry("half \ud800", null, default));
        Refuses("no column \"lenght\" (it has: name, length", Entry("k", "lenght", MetadataValue.Integer(1)));
        Refuses("\"length\" is Integer; the value \"7\" is Text", Entry("k", "length", MetadataValue.Text("7")));
        Refuses("text of \"genes\" is null", Entry("k", "genes", MetadataValue.TextList([null!])));
        Refuses("not valid Unicode", Entry("k", "genes", MetadataValue.TextList(["\udc00"])));
    }

    [Fact]
    public void Upsert_OfAListWithOneWrongEntry_WritesNone()
    {
        Assert.Throws<ClssIndexException>(() => _collection.Upsert([Entry("good", null, default), Entry("", null, default)]));
        Assert.Equal(0, _collection.Info.Count);
    }

    [Fact]
    public void Upsert_OfUnitVectors_KeepsTheirBits_AndNormalisesOthers()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            float[] unit = Samples.Unit(seed, 3);
            _collection.Upsert(new VectorEntry { Key = "unit", Vector = unit });
            _collection.Upsert(new VectorEntry { Key = "long", Vector = unit.Select(x => x * 1e20f).ToArray() });
            _collection.Upsert(new VectorEntry { Key = "short", Vector = unit.Select(x => x * 1e-30f).ToArray() });
            Assert.Equal(unit, _collection.Find("unit")!.Vector.ToArray());
            foreach (string key in (string[])["long", "short"])
            {
                float[] stored = _collection.Find(key)!.Vector.ToArray();
                Assert.Equal(1, Math.Sqrt(stored.Sum(x => (double)x * x)), 1e-7);
                Assert.All(stored.Zip(unit), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
                _collection.Upsert(new VectorEntry { Key = "again", Vector = stored });
                Assert.Equal(stored, _collection.Find("again")!.Vector.ToArray());
            }
        }
    }

    [Fact]
    public void Identity_IsPartitionAndKey()
    {
        foreach (string partition in (string[])["", "sequence", "structure", "sequence"])
        {
            _collection.Upsert(new VectorEntry { Key = "P1", Partition = partition, Vector = new float[] { 0, 0, 1 } });
        }

        Assert.Equal([("", 1), ("sequence", 1), ("structure", 1)], _collection.Info.Partitions.Select(p => (p.Name, p.Count)));
        Assert.Equal(1, _collection.Delete("P1", "sequence"));
        Assert.Equal(0, _collection.Delete("P1", "sequence"));
        Assert.Equal(0, _collection.Delete("P1", "absent"));
        Assert.False(_collection.Contains("P1", "sequence"));
        Assert.False(_collection.Contains("P1", "absent"));
        Assert.Equal(2, _collection.Delete("P1"));
        Assert.Null(_collection.Find("P1"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _collection[0]);
    }

    [Fact]
    public void RequireModel_OfAnother_NamesBoth()
    {
        _collection.RequireModel("sha256:0123");
        string message = Assert.Throws<ModelMismatchException>(() => _collection.RequireModel("sha256:4567")).Message;
        Assert.Contains("toy (sha256:0123)", message, StringComparison.Ordinal);
        Assert.Contains("sha256:4567", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_WithWrongNames_AreRefused()
    {
        Assert.Contains("\"length\" exists already", RefusesColumn("length"), StringComparison.Ordinal);
        Assert.Contains("cannot be named \"key\"", RefusesColumn("key"), StringComparison.Ordinal);
        Assert.Contains("cannot be named \"\"", RefusesColumn(""), StringComparison.Ordinal);
        Assert.Contains("unknown type 9", Assert.Throws<ClssIndexException>(() => _collection.AddColumns([new ColumnDefinition("x", (ColumnType)9)])).Message, StringComparison.Ordinal);
        Assert.Contains("dimension must be", Assert.Throws<ClssIndexException>(() => VectorCollection.Create(_folder.File("other"), new CollectionOptions { Dimension = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("dimension must be", Assert.Throws<ClssIndexException>(() => VectorCollection.Create(_folder.File("other"), new CollectionOptions { Dimension = 65537 })).Message, StringComparison.Ordinal);
    }

    private string RefusesColumn(string name) =>
        Assert.Throws<ClssIndexException>(() => _collection.AddColumns([new ColumnDefinition(name, ColumnType.Text)])).Message;

    private void Refuses(string part, VectorEntry entry) =>
        Assert.Contains(part, Assert.Throws<ClssIndexException>(() => _collection.Upsert(entry)).Message, StringComparison.Ordinal);

    private static VectorEntry Entry(string key, string? column, MetadataValue value) => new()
    {
        Key = key,
        Vector = new float[] { 1, 0, 0 },
        Metadata = column is null ? new Dictionary<string, MetadataValue>() : new Dictionary<string, MetadataValue> { [column] = value },
    };
}

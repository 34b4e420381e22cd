using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>Every byte of a collection, damaged one at a time.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verify_WithAnyFlippedBit_NamesTheFileAndOpeningIsSafe()
    {
        string directory = Build();
        int flips = 0;
        foreach (string path in Directory.GetFiles(directory).Where(path => new FileInfo(path).Length > 0))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int i = 0; i < whole.Length; i++)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= (byte)(1 << (i % 8));
                Rewrite(path, damaged, i);
                VerifyReport report = VectorCollection.Verify(directory);
                Assert.True(
                    report.Damages.Any(damage => damage.File == Path.GetFileName(path) && damage.Section.Length > 0),
                    $"byte {i} of {Path.GetFileName(path)} flipped and not found");
                if (i % 7 == 0)
                {
                    UseEverything(directory);
                }

                Rewrite(path, whole, i);
                flips++;
            }
        }

        Assert.InRange(flips, 5000, 100_000);
        Assert.Empty(VectorCollection.Verify(directory).Damages);
    }

    [Fact]
    public void Open_OfAnyTruncatedFile_ThrowsOurExceptionOrReadsACommit()
    {
        string directory = Build();
        foreach (string path in Directory.GetFiles(directory).Where(path => new FileInfo(path).Length > 0))
        {
            byte[] whole = File.ReadAllBytes(path);
            for (int length = 0; length < whole.Length; length += 1 + (whole.Length / 150))
            {
                File.WriteAllBytes(path, whole[..length]);
                Assert.False(VectorCollection.Verify(directory).IsIntact);
                Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(directory));
                Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(directory, OpenMode.ReadWrite));
            }

            File.WriteAllBytes(path, whole);
        }

        foreach (string path in Directory.GetFiles(directory, "*.clss"))
        {
            byte[] whole = File.ReadAllBytes(path);
            File.Delete(path);
            Assert.Contains("missing", Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(directory)).Message, StringComparison.Ordinal);
            Assert.Contains(VectorCollection.Verify(directory).Damages, damage => damage.File == Path.GetFileName(path));
            File.WriteAllBytes(path, whole);
        }
    }

    [Fact]
    public void Verify_OfAFolderWithoutCollection_Throws() =>
        Assert.Contains("no collection", Assert.Throws<ClssIndexException>(() => VectorCollection.Verify(_folder.Path)).Message, StringComparison.Ordinal);

    /// <summary>A collection with every kind of section, small enough to flip each byte, and a log with every kind of record.</summary>
    private string Build()
    {
        string directory = _folder.File("db");
        var random = new Random(5);
        using var collection = VectorCollection.Create(directory, Samples.AllColumns with { Dimension = 4 });
        collection.Upsert([.. Enumerable.Range(0, 50).Select(_ => Samples.Entry(random, 40, 4))]);
        collection.Upsert([.. Enumerable.Range(0, 10).Select(i => new VectorEntry
        {
            Key = $"coded{i}",
            Vector = Samples.Unit(i, 4),
            Metadata = new Dictionary<string, MetadataValue> { ["name"] = MetadataValue.Text("same") },
        })]);
        collection.Compact();
        collection.Upsert(Samples.Entry(random, 40, 4));
        collection.AddColumns([new ColumnDefinition("late", ColumnType.Flag)]);
        collection.Commit();
        collection.Upsert(Samples.Entry(random, 40, 4));
        collection.Delete("coded3");
        collection.Commit();
        return directory;
    }

    /// <summary>One byte in place: the file keeps its identity, as with damage on a disk.</summary>
    private static void Rewrite(string path, byte[] bytes, int index)
    {
        using FileStream stream = File.OpenWrite(path);
        stream.Position = index;
        stream.WriteByte(bytes[index]);
    }

    private static void UseEverything(string directory)
    {
        try
        {
            using var collection = VectorCollection.Open(directory);
            int rows = collection.ReadAll().Count();
            Assert.InRange(rows, 0, 1000);
            collection.Search(Samples.Unit(1, 4), new SearchOptions { K = 3 }, new Neighbor[3]);
            collection.Search(Samples.Unit(1, 4), new SearchOptions { K = 3, Precision = ScanPrecision.Float32, Partition = "sequence" }, new Neighbor[3]);
            foreach (string column in (string[])["name", "genes", "key"])
            {
                Assert.InRange(collection.ReadAll(new Filter.Equal(column, MetadataValue.Text("a"))).Count(), 0, rows);
            }

            _ = collection.Find("k1");
        }
        catch (ClssIndexException)
        {
            // The expected outcome for damage that is noticed while reading.
        }
    }
}

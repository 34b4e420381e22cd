using Clss.Index;
using Clss.Index.Storage;

namespace Clss.Crash.Tests;

/// <summary>
/// A history of commits by formula: the state after commit number c is a function of c alone. Writers in other processes carry it on, and tests tell
/// from the contents which commit a collection holds.
/// </summary>
internal static class CommitHistory
{
    public const int Dimension = 8;

    private const string StateKey = "state";
    private const int Keys = 60;

    public static CollectionOptions Options { get; } = new()
    {
        Dimension = Dimension,
        Model = "sha256:crash",
        Columns = [new ColumnDefinition("commit", ColumnType.Integer), new ColumnDefinition("text", ColumnType.Text), new ColumnDefinition("list", ColumnType.TextList)],
    };

    /// <summary>Merges the log every few commits of this history.</summary>
    public static MergePolicy MergeOften { get; } = new() { SmallestLog = 8 << 10 };

    /// <summary>Makes the changes of commit number c; the caller commits.</summary>
    public static void Change(VectorCollection collection, int commit)
    {
        var random = new Random(commit);
        collection.Upsert([.. Enumerable.Range(0, 1 + random.Next(25)).Select(_ => Entry(random.Next(Keys), commit))]);
        for (int i = random.Next(6); i > 0; i--)
        {
            collection.Delete(Key(random.Next(Keys)));
        }

        collection.Upsert(new VectorEntry { Key = StateKey, Vector = Vector(commit), Metadata = new Dictionary<string, MetadataValue> { ["commit"] = MetadataValue.Integer(commit) } });
    }

    /// <summary>Commits in one of the two ways, by number.</summary>
    public static void Commit(VectorCollection collection, int commit)
    {
        if (commit % 4 == 3)
        {
            collection.Compact();
        }
        else
        {
            collection.Commit();
        }
    }

    /// <summary>The number of the commit that the collection holds; 0 where it holds none.</summary>
    public static int Number(VectorCollection collection) => (int)(collection.Find(StateKey)?.Metadata["commit"].AsInteger() ?? 0);

    /// <summary>Asserts that the collection holds exactly the state of a commit.</summary>
    public static void AssertState(VectorCollection collection, int commit)
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int number = 1; number <= commit; number++)
        {
            var random = new Random(number);
            for (int i = 1 + random.Next(25); i > 0; i--)
            {
                VectorEntry entry = Entry(random.Next(Keys), number);
                expected[entry.Key] = Describe(entry);
            }

            for (int i = random.Next(6); i > 0; i--)
            {
                expected.Remove(Key(random.Next(Keys)));
            }
        }

        VectorEntry[] rows = [.. collection.ReadAll()];
        Assert.Equal(expected.Values, rows.Where(row => row.Key != StateKey).OrderBy(row => row.Key, StringComparer.Ordinal).Select(Describe));
        Assert.Equal(commit > 0 ? expected.Count + 1 : 0, collection.Info.Count);
        foreach (VectorEntry row in rows)
        {
            Assert.Equal(Describe(row), Describe(collection.Find(row.Key, row.Partition)!));
        }
    }

    private static VectorEntry Entry(int key, int commit) => new()
    {
        Key = Key(key),
        Partition = key % 2 == 0 ? "even" : "odd",
        Vector = Vector((commit * 1000) + key),
        Metadata = new Dictionary<string, MetadataValue>
        {
            ["commit"] = MetadataValue.Integer(commit),
            ["text"] = MetadataValue.Text(new string((char)('a' + (commit % 26)), (commit + key) % 400)),
            ["list"] = MetadataValue.TextList([Key(commit), Key(key)]),
        },
    };

    private static string Key(int number) => $"key{number}";

    private static float[] Vector(int seed)
    {
        var random = new Random(seed);
        float[] vector = [.. Enumerable.Range(0, Dimension).Select(_ => (float)random.NextDouble() - 0.5f)];
        float norm = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / norm)];
    }

    private static string Describe(VectorEntry entry) =>
        $"{entry.Partition}/{entry.Key} {string.Join(' ', entry.Vector.ToArray())} {string.Join(' ', entry.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"))}";
}

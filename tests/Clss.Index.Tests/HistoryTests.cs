using Clss.Index.Storage;
using Clss.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Clss.Index.Tests;

/// <summary>Histories of writes, removals, commits, compactions, reopenings and losses against a dictionary. FsCheck prints the seed of a failure and shrinks it.</summary>
public sealed class HistoryTests
{
    private enum Step
    {
        Upsert,
        UpsertMany,
        Delete,
        DeleteEverywhere,
        Commit,
        Compact,
        Reopen,
        Lose,
        AddColumn,
    }

    [Fact]
    public void AnyHistory_EqualsTheDictionary()
    {
        Arbitrary<int[]> histories = Gen.Choose(0, int.MaxValue - 1).ListOf(25).Select(steps => steps.ToArray()).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(histories, steps => Run(steps)));
    }

    private static void Run(int[] steps)
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("db");

        // Half of the histories are full of merges in the background.
        MergePolicy merges = steps.FirstOrDefault() % 2 == 0 ? new MergePolicy() : new MergePolicy { SmallestLog = 4 << 10 };
        var operations = new FileOperations();
        var collection = VectorCollection.Create(directory, Samples.AllColumns, operations, merges);
        try
        {
            var current = new Dictionary<(string, string), string>();
            var committed = new Dictionary<(string, string), string>();
            (int currentColumns, int committedColumns) = (5, 5);
            foreach (int seed in steps)
            {
                var random = new Random(seed);
                switch ((Step)(seed % 9))
                {
                    case Step.Upsert:
                        Upsert([Samples.Entry(random, keys: 12)]);
                        break;
                    case Step.UpsertMany:
                        Upsert([.. Enumerable.Range(0, random.Next(80)).Select(_ => Samples.Entry(random, keys: 60))]);
                        break;
                    case Step.Delete:
                        (string partition, string key) = (Samples.Partitions[random.Next(3)], $"k{random.Next(20)}");
                        Assert.Equal(current.Remove((partition, key)) ? 1 : 0, collection.Delete(key, partition));
                        break;
                    case Step.DeleteEverywhere:
                        key = $"k{random.Next(20)}";
                        Assert.Equal(Samples.Partitions.Count(name => current.Remove((name, key))), collection.Delete(key));
                        break;
                    case Step.Commit:
                        collection.Commit();
                        (committed, committedColumns) = (new(current), currentColumns);
                        break;
                    case Step.Compact:
                        collection.Compact();
                        (committed, committedColumns) = (new(current), currentColumns);
                        break;
                    case Step.Reopen:
                        collection.Commit();
                        (committed, committedColumns) = (new(current), currentColumns);
                        Reopen();
                        break;
                    case Step.Lose:
                        Reopen();
                        (current, currentColumns) = (new(committed), committedColumns);
                        break;
                    default:
                        collection.AddColumns([new ColumnDefinition($"added{currentColumns++}", ColumnType.Text)]);
                        break;
                }

                Compare(collection, current, currentColumns);
            }

            using (var reader = VectorCollection.Open(directory))
            {
                Compare(reader, committed, committedColumns);
            }

            Assert.Empty(VectorCollection.Verify(directory).Damages);

            void Upsert(VectorEntry[] entries)
            {
                collection.Upsert(entries);
                foreach (VectorEntry entry in entries)
                {
                    current[(entry.Partition, entry.Key)] = Samples.Describe(entry);
                }
            }

            void Reopen()
            {
                collection.Dispose();
                collection = VectorCollection.Open(directory, OpenMode.ReadWrite, operations, merges);
            }
        }
        finally
        {
            collection.Dispose();
        }
    }

    private static void Compare(VectorCollection collection, Dictionary<(string Partition, string Key), string> expected, int columns)
    {
        Assert.Equal(expected.Values.Order(StringComparer.Ordinal), collection.ReadAll().Select(Samples.Describe).Order(StringComparer.Ordinal));
        CollectionInfo info = collection.Info;
        Assert.Equal(expected.Count, info.Count);
        Assert.Equal(columns, info.Columns.Count);
        foreach (string partition in Samples.Partitions)
        {
            Assert.Equal(expected.Keys.Count(id => id.Partition == partition), info.Partitions.FirstOrDefault(p => p.Name == partition)?.Count ?? 0);
            for (int key = 0; key < 20; key++)
            {
                VectorEntry? found = collection.Find($"k{key}", partition);
                Assert.Equal(expected.GetValueOrDefault((partition, $"k{key}")), found is null ? null : Samples.Describe(found));
            }
        }
    }
}

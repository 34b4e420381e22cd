using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>Merges in the background: what they leave, what goes on meanwhile, and what happens when they fail.</summary>
public sealed class MergeTests : IDisposable
{
    private static readonly MergePolicy Often = new() { SmallestLog = 16 << 10 };
    private static readonly MergePolicy Never = new() { SmallestLog = 1L << 40, LargestLog = 1L << 40 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AMerge_IsPutInPlaceByTheNextCommit_AndOrdinalsStayUntilThen()
    {
        using VectorCollection collection = Create("db", new FileOperations(), Often);
        var random = new Random(1);
        Fill(collection, random, 100);
        collection.WaitForMerge();
        var neighbors = new Neighbor[20];
        int found = collection.Search(Samples.Unit(1, 32), new SearchOptions { K = 20 }, neighbors);
        string[] keys = [.. neighbors.Take(found).Select(n => collection[n.Ordinal].Key)];
        string[] rows = [.. collection.ReadAll().Select(Samples.Describe).Order(StringComparer.Ordinal)];
        Assert.Equal(1, collection.Info.Generation);

        collection.Commit();
        Assert.Equal(2, collection.Info.Generation);
        Assert.Equal(found, collection.Search(Samples.Unit(1, 32), new SearchOptions { K = 20 }, neighbors));
        Assert.Equal(keys, neighbors.Take(found).Select(n => collection[n.Ordinal].Key));
        Assert.Equal(rows, collection.ReadAll().Select(Samples.Describe).Order(StringComparer.Ordinal));
        Assert.Null(collection.MergeFailure);
        Assert.Equal(["LOCK", "MANIFEST", "WRITER", "log-00000002.clss", "rows-00000002.clss"], Files("db"));
    }

    [Fact]
    public void Changes_WhileAMergeWrites_AreAllKept()
    {
        // The device holds the merge at its rows file, so everything below happens while it runs.
        using var operations = new HeldFileOperations("rows-00000002");
        using VectorCollection collection = Create("db", operations, new MergePolicy { SmallestLog = 50 << 10 });
        var random = new Random(2);
        var expected = new Dictionary<(string, string), string>();
        Upsert(300);
        collection.Commit();
        Assert.True(operations.Reached.Wait(TimeSpan.FromSeconds(20)));
        for (int round = 0; round < 3; round++)
        {
            Upsert(5);
            Delete();
            collection.AddColumns([new ColumnDefinition($"late{round}", ColumnType.Integer)]);
            collection.Upsert(Late(round));
            expected[("", $"late{round}")] = Samples.Describe(Late(round));
            collection.Commit();
        }

        // What is not committed is not part of the merge, and must not be lost by it either.
        Assert.Equal(1, collection.Info.Generation);
        Upsert(7);
        Delete();
        operations.Release.Set();
        collection.WaitForMerge();
        Compare(collection, expected);
        collection.Commit();
        Assert.Null(collection.MergeFailure);
        Assert.Equal(2, collection.Info.Generation);
        Compare(collection, expected);
        Upsert(20);
        Compare(collection, expected);
        collection.Commit();
        Assert.Empty(VectorCollection.Verify(_folder.File("db")).Damages);
        using var reader = VectorCollection.Open(_folder.File("db"));
        Compare(reader, expected);
        Assert.Equal(8, reader.Info.Columns.Count);

        void Upsert(int count)
        {
            VectorEntry[] entries = [.. Enumerable.Range(0, count).Select(_ => Samples.Entry(random, keys: 150))];
            collection.Upsert(entries);
            foreach (VectorEntry entry in entries)
            {
                expected[(entry.Partition, entry.Key)] = Samples.Describe(entry);
            }
        }

        void Delete()
        {
            string key = $"k{random.Next(150)}";
            Assert.Equal(Samples.Partitions.Count(name => expected.Remove((name, key))), collection.Delete(key));
        }

        static VectorEntry Late(int round) => new()
        {
            Key = $"late{round}",
            Vector = Samples.Unit(round, 32),
            Metadata = new Dictionary<string, MetadataValue> { [$"late{round}"] = MetadataValue.Integer(round), ["length"] = MetadataValue.Integer(1) },
        };
    }

    [Fact]
    public async Task Commits_WhenTheLogIsFull_WaitForTheMerge()
    {
        using var operations = new HeldFileOperations("rows-00000002");
        using VectorCollection collection = Create("db", operations, Often);
        var random = new Random(3);
        Task<int> writing = Task.Run(() =>
        {
            int commits = 0;
            while (collection.Info.Generation == 1)
            {
                Fill(collection, random, 5);
                commits++;
            }

            return commits;
        });
        Assert.True(operations.Reached.Wait(TimeSpan.FromSeconds(20)));
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(300)));
        long log = new FileInfo(_folder.File("db", "log-00000001.clss")).Length;
        Assert.InRange(log, Often.Full(0), Often.Full(0) + (5 * 2048));

        // Readers and searches are not held up.
        Assert.InRange(collection.Search(Samples.Unit(1, 32), new SearchOptions { K = 1 }, new Neighbor[1]), 1, 1);
        operations.Release.Set();
        Assert.InRange(await writing, 2, 1000);
        Assert.Equal(2, collection.Info.Generation);
    }

    [Fact]
    public void AFailedMerge_IsReported_DoesNotFailCommits_AndIsTriedAgain()
    {
        using var operations = new HeldFileOperations("rows-00000002") { Failure = "No space left on device" };
        operations.Release.Set();
        using VectorCollection collection = Create("db", operations, Often);
        var random = new Random(4);
        Fill(collection, random, 80);
        collection.WaitForMerge();
        collection.Commit();
        Assert.Contains("No space left on device", collection.MergeFailure!.Message, StringComparison.Ordinal);
        Assert.Equal(["LOCK", "MANIFEST", "WRITER", "log-00000001.clss", "rows-00000001.clss"], Files("db"));
        int failures = operations.Failures;
        for (int round = 0; round < 20; round++)
        {
            Fill(collection, random, 5);
            collection.WaitForMerge();
            collection.Commit();
        }

        Assert.InRange(operations.Failures, failures + 1, failures + 15);
        Assert.Equal(1, collection.Info.Generation);
        operations.Failure = null;
        Fill(collection, random, 80);
        collection.WaitForMerge();
        collection.Commit();
        Assert.Equal(2, collection.Info.Generation);
        Assert.Null(collection.MergeFailure);
        string[] rows = [.. collection.ReadAll().Select(Samples.Describe)];
        using var reader = VectorCollection.Open(_folder.File("db"));
        Assert.Equal(rows, reader.ReadAll().Select(Samples.Describe));
    }

    [Fact]
    public void Dispose_WhileAMergeRuns_GivesItUp_AndLeavesTheLog()
    {
        var operations = new HeldFileOperations("rows-00000002");
        VectorCollection collection = Create("db", operations, Often);
        Fill(collection, new Random(5), 100);
        Assert.True(operations.Reached.Wait(TimeSpan.FromSeconds(20)));
        string[] rows = [.. collection.ReadAll().Select(Samples.Describe)];
        using (var timer = new Timer(_ => operations.Release.Set(), null, 100, Timeout.Infinite))
        {
            collection.Dispose();
        }

        Assert.Equal(["LOCK", "MANIFEST", "log-00000001.clss", "rows-00000001.clss"], Files("db"));
        using var reader = VectorCollection.Open(_folder.File("db"));
        Assert.Equal(rows, reader.ReadAll().Select(Samples.Describe));
        operations.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Compact_AfterMergesAtAnyMoments_LeavesWhatItLeavesWithoutThem(int seed)
    {
        // Partitions run empty and come back, and there are enough rows for cells.
        Run("merged", Often);
        Run("folded", Never);
        Assert.Equal(VectorCollection.ContentHash(_folder.File("folded")), VectorCollection.ContentHash(_folder.File("merged")));
        Assert.Empty(VectorCollection.Verify(_folder.File("merged")).Damages);

        void Run(string name, MergePolicy policy)
        {
            var options = new CollectionOptions { Dimension = 32, Columns = Samples.AllColumns.Columns, Index = new IndexOptions { Kind = seed == 1 ? IndexKind.Auto : IndexKind.Cells } };
            using var collection = VectorCollection.Create(_folder.File(name), options, new FastFileOperations(), policy);
            var random = new Random(seed);
            for (int round = 0; round < 30; round++)
            {
                collection.Upsert([.. Enumerable.Range(0, 40).Select(_ => Samples.Entry(random))]);
                if (round % 7 == 3)
                {
                    for (int key = 0; key < 200; key++)
                    {
                        collection.Delete($"k{key}", Samples.Partitions[round % 3]);
                    }
                }

                collection.Commit();
                if (round % 4 == seed)
                {
                    collection.WaitForMerge();
                }
            }

            Assert.Equal(policy == Never, collection.Info.Generation == 1);
            collection.Compact();
        }
    }

    [Fact]
    public void Rounds_OfChurnThroughMerges_EqualTheDictionary()
    {
        const int Rows = 3000;
        var options = new CollectionOptions { Dimension = 32, Columns = Samples.AllColumns.Columns, Index = new IndexOptions { Kind = IndexKind.Cells } };
        var collection = VectorCollection.Create(_folder.File("db"), options, new FastFileOperations(), Often with { LargestLog = 128 << 10 });
        var random = new Random(6);
        var expected = new Dictionary<(string, string), string>();
        Change(Rows);
        collection.Compact();
        for (int round = 0; round < 10; round++)
        {
            for (int part = 0; part < 5; part++)
            {
                foreach ((string partition, string key) in expected.Keys.Skip(random.Next(1000)).Take(Rows / 25).ToArray())
                {
                    Assert.Equal(expected.Remove((partition, key)) ? 1 : 0, collection.Delete(key, partition));
                }

                Change(Rows / 25);
                collection.Commit();
            }

            Compare(collection, expected);
            Assert.Null(collection.MergeFailure);
        }

        Assert.InRange(collection.Info.Generation, 8, 100);
        foreach (VectorEntry entry in collection.ReadAll().Take(300))
        {
            var nearest = new Neighbor[1];
            Assert.Equal(1, collection.Search(entry.Vector.Span, new SearchOptions { K = 1, Exact = true }, nearest));
            Assert.Equal(1, nearest[0].Similarity, 1e-6);
        }

        collection.Dispose();
        using var reader = VectorCollection.Open(_folder.File("db"));
        Compare(reader, expected);
        Assert.Empty(VectorCollection.Verify(_folder.File("db")).Damages);

        void Change(int count)
        {
            VectorEntry[] entries = [.. Enumerable.Range(0, count).Select(_ => Samples.Entry(random, keys: 4 * Rows))];
            collection.Upsert(entries);
            foreach (VectorEntry entry in entries)
            {
                expected[(entry.Partition, entry.Key)] = Samples.Describe(entry);
            }
        }
    }

    [Fact]
    public async Task ReadersAndWriters_DuringMerges_SeeWholeCommits()
    {
        const int Keys = 40;
        using VectorCollection collection = Create("db", new FastFileOperations(), Often);
        Write(0);
        using var stop = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 4).Select(lane => Task.Run(() =>
        {
            int reads = 0;
            using var other = VectorCollection.Open(_folder.File("db"));
            var neighbors = new Neighbor[3];
            long last = 0;
            while (!stop.IsCancellationRequested || reads < 10)
            {
                VectorCollection read = lane < 2 ? collection : other;
                if (lane >= 2)
                {
                    other.Refresh();
                }

                // One state: all keys, none twice, all of one commit.
                VectorEntry[] rows = [.. read.ReadAll()];
                Assert.Equal(Keys, rows.Select(row => row.Key).Distinct().Count());
                Assert.Equal(Keys, rows.Length);
                long commit = Assert.Single(rows.Select(row => row.Metadata["length"].AsInteger()).Distinct());
                Assert.InRange(commit, last, long.MaxValue);
                last = commit;
                Assert.Equal(3, read.Search(Samples.Unit(reads % Keys, 32), new SearchOptions { K = 3 }, neighbors));
                Assert.Equal(1, neighbors[0].Similarity, 1e-6);
                reads++;
            }

            return reads;
        }))];
        for (int commit = 1; commit <= 150 || (collection.Info.Generation < 10 && commit < 3000); commit++)
        {
            Write(commit);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.InRange(reads, 10, int.MaxValue));
        Assert.InRange(collection.Info.Generation, 10, int.MaxValue);

        void Write(int commit)
        {
            collection.Upsert([.. Enumerable.Range(0, Keys).Select(key => new VectorEntry
            {
                Key = $"k{key}",
                Vector = Samples.Unit(key, 32),
                Metadata = new Dictionary<string, MetadataValue> { ["length"] = MetadataValue.Integer(commit) },
            })]);
            collection.Commit();
        }
    }

    [Fact]
    public void Refresh_MovesAReaderToTheLastCommit()
    {
        using VectorCollection writer = Create("db", new FileOperations(), Often);
        var random = new Random(8);
        Fill(writer, random, 10);
        using var reader = VectorCollection.Open(_folder.File("db"));
        Assert.False(reader.Refresh());
        writer.Upsert(Samples.Entry(random));
        Assert.False(reader.Refresh());
        Assert.False(writer.Refresh());
        using IEnumerator<VectorEntry> started = reader.ReadAll().GetEnumerator();
        Assert.True(started.MoveNext());
        long bytes = reader.Info.BytesOnDisk;
        Action[] steps =
        [
            writer.Commit,
            () => Fill(writer, random, 100),
            () => writer.Compact(),
            () => Fill(writer, random, 200),
            () =>
            {
                writer.Upsert(Samples.Entry(random));
                writer.WaitForMerge();
                writer.Commit();
            },
        ];
        foreach (Action step in steps)
        {
            step();
            Assert.True(reader.Refresh());
            Assert.False(reader.Refresh());
            Assert.Equal(writer.ReadAll().Select(Samples.Describe), reader.ReadAll().Select(Samples.Describe));
            Assert.Equal(writer.Info.BytesOnDisk, reader.Info.BytesOnDisk);
        }

        Assert.NotEqual(bytes, reader.Info.BytesOnDisk);
        int rest = 1;
        while (started.MoveNext())
        {
            rest++;
        }

        Assert.Equal(10, rest);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Refresh());
    }

    private static void Fill(VectorCollection collection, Random random, int count)
    {
        collection.Upsert([.. Enumerable.Range(0, count).Select(_ => Samples.Entry(random, keys: 1_000_000))]);
        collection.Commit();
    }

    private static void Compare(VectorCollection collection, Dictionary<(string Partition, string Key), string> expected)
    {
        Assert.Equal(expected.Values.Order(StringComparer.Ordinal), collection.ReadAll().Select(Samples.Describe).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Count, collection.Info.Count);
        foreach (((string partition, string key), string entry) in expected.Take(500))
        {
            Assert.Equal(entry, Samples.Describe(collection.Find(key, partition)!));
        }
    }

    private VectorCollection Create(string name, FileOperations operations, MergePolicy policy) =>
        VectorCollection.Create(_folder.File(name), Samples.AllColumns, operations, policy);

    private IEnumerable<string?> Files(string name) => Directory.GetFiles(_folder.File(name)).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    /// <summary>Does not flush, which takes the time of these tests and matters only where power is lost.</summary>
    private class FastFileOperations : FileOperations
    {
        public override WritableFile Create(string path) => new FastFile(base.Create(path));

        public override void FlushDirectory(string path)
        {
        }

        private sealed class FastFile(WritableFile file) : WritableFile(new Microsoft.Win32.SafeHandles.SafeFileHandle())
        {
            public override void Write(ReadOnlySpan<byte> bytes, long offset) => file.Write(bytes, offset);

            public override void SetLength(long length) => file.SetLength(length);

            public override void Flush()
            {
            }

            protected override void Dispose(bool disposing)
            {
                file.Dispose();
                base.Dispose(disposing);
            }
        }
    }

    /// <summary>Holds the creation of a file until it is released, and then lets it fail where it is to.</summary>
    private sealed class HeldFileOperations(string held) : FastFileOperations, IDisposable
    {
        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public string? Failure { get; set; }

        public int Failures { get; private set; }

        public override WritableFile Create(string path)
        {
            if (Path.GetFileName(path).StartsWith(held, StringComparison.Ordinal))
            {
                Reached.Set();
                Assert.True(Release.Wait(TimeSpan.FromSeconds(20)));
                if (Failure is not null)
                {
                    Failures++;
                    throw new IOException(Failure);
                }
            }

            return base.Create(path);
        }

        public void Dispose()
        {
            Release.Set();
            Reached.Dispose();
        }
    }
}

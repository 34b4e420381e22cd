using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>Who may open what, and what each sees while others write.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ForWritingTwice_NamesTheHolder()
    {
        string directory = _folder.File("db");
        using (var first = VectorCollection.Create(directory, Samples.AllColumns))
        {
            CollectionLockedException refused = Assert.Throws<CollectionLockedException>(() => VectorCollection.Open(directory, OpenMode.ReadWrite));
            Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", refused.Holder, StringComparison.Ordinal);
            using var reader = VectorCollection.Open(directory);
            Assert.Equal(0, reader.Info.Count);
        }

        VectorCollection.Open(directory, OpenMode.ReadWrite).Dispose();
        Assert.False(File.Exists(Path.Combine(directory, "WRITER")));
    }

    [Fact]
    public void Reader_WhileTheWriterCommitsAndCompacts_KeepsItsState()
    {
        string directory = _folder.File("db");
        using var writer = VectorCollection.Create(directory, Samples.AllColumns);
        var random = new Random(1);
        writer.Upsert([.. Enumerable.Range(0, 300).Select(_ => Samples.Entry(random))]);
        writer.Compact();
        using var reader = VectorCollection.Open(directory);
        string[] before = [.. reader.ReadAll().Select(Samples.Describe)];
        for (int round = 0; round < 5; round++)
        {
            writer.Upsert([.. Enumerable.Range(0, 100).Select(_ => Samples.Entry(random))]);
            writer.Commit();
            writer.Compact();
        }

        Assert.Equal(before, reader.ReadAll().Select(Samples.Describe));
        Assert.Equal(7, writer.Info.Generation);
        Assert.Equal(2, reader.Info.Generation);
        using var late = VectorCollection.Open(directory);
        Assert.Equal(writer.ReadAll().Select(Samples.Describe), late.ReadAll().Select(Samples.Describe));

        // Files of older generations are gone: their names at once, their contents when the reader closes.
        Assert.Equal(["LOCK", "MANIFEST", "WRITER", "log-00000007.clss", "rows-00000007.clss"], Directory.GetFiles(directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Readers_OpeningWhileAWriterCommitsAndCompacts_AlwaysSeeWholeCommits()
    {
        string directory = _folder.File("db");
        using var writer = VectorCollection.Create(directory, new CollectionOptions { Dimension = 8, Columns = [new ColumnDefinition("commit", ColumnType.Integer)] });
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int openings = 0;
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            (int opened, long last) = (0, 0);
            while (!stop.IsCancellationRequested || opened < 5)
            {
                using var reader = VectorCollection.Open(directory);
                long[] commits = [.. reader.ReadAll().Select(row => row.Metadata["commit"].AsInteger())];
                Assert.True(commits.Distinct().Count() <= 1, "a commit was seen in part");
                Assert.True(commits.Length is 0 or 20);
                Assert.InRange(commits.FirstOrDefault(), last, long.MaxValue);
                last = commits.FirstOrDefault();
                opened++;
                Interlocked.Increment(ref openings);
            }

            return opened;
        }))];
        int commit = 0;
        while (!stop.IsCancellationRequested && (commit < 60 || Volatile.Read(ref openings) < 60))
        {
            commit++;
            writer.Upsert([.. Enumerable.Range(0, 20).Select(key => new VectorEntry
            {
                Key = $"k{key}",
                Vector = Samples.Unit(key, 8),
                Metadata = new Dictionary<string, MetadataValue> { ["commit"] = MetadataValue.Integer(commit) },
            })]);
            if (commit % 3 == 0)
            {
                writer.Compact();
            }
            else
            {
                writer.Commit();
            }
        }

        await stop.CancelAsync();
        int[] opened = await Task.WhenAll(readers);
        Assert.All(opened, count => Assert.InRange(count, 5, int.MaxValue));
        Assert.InRange(commit, 3, int.MaxValue);
    }

    [Fact]
    public async Task Searches_WhileTheSameObjectWrites_FindOnlyWholeRows()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        var random = new Random(2);
        collection.Upsert([.. Enumerable.Range(0, 500).Select(_ => Samples.Entry(random))]);
        using var stop = new CancellationTokenSource();
        Task<int>[] searchers = [.. Enumerable.Range(0, 3).Select(lane => Task.Run(() =>
        {
            int searches = 0;
            var neighbors = new Neighbor[10];
            var filter = new Filter.Between("length", MetadataValue.Integer(3), MetadataValue.Integer(9));
            while (!stop.IsCancellationRequested || searches < 5)
            {
                var options = new SearchOptions { K = 10, Precision = (ScanPrecision)(searches % 2), Filter = searches % 3 == 0 ? filter : null };
                int found = collection.Search(Samples.Unit(lane, 32), options, neighbors);
                Assert.Equal(neighbors.Take(found).OrderByDescending(n => n.Similarity).ThenBy(n => n.Ordinal), neighbors.Take(found));
                Assert.All(neighbors.Take(found), n => Assert.InRange(n.Similarity, -1.000001f, 1.000001f));
                searches++;
            }

            return searches;
        }))];
        for (int round = 0; round < 40; round++)
        {
            collection.Upsert([.. Enumerable.Range(0, 50).Select(_ => Samples.Entry(random))]);
            collection.Delete($"k{random.Next(200)}");
            if (round % 5 == 0)
            {
                collection.Compact();
            }
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(searchers), count => Assert.InRange(count, 5, int.MaxValue));
    }

    [Fact]
    public void ReadAll_WhileRowsChangeAndAreCompacted_EndsOnTheStateItBeganWith()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        var random = new Random(3);
        collection.Upsert([.. Enumerable.Range(0, 500).Select(_ => Samples.Entry(random, keys: 10_000))]);
        string[] before = [.. collection.ReadAll().Select(Samples.Describe)];
        using IEnumerator<VectorEntry> rows = collection.ReadAll().GetEnumerator();
        var read = new List<string>();
        while (rows.MoveNext())
        {
            read.Add(Samples.Describe(rows.Current));
            if (read.Count % 100 == 50)
            {
                collection.Upsert([.. Enumerable.Range(0, 300).Select(_ => Samples.Entry(random, keys: 10_000))]);
                collection.Delete(collection.ReadAll().Last().Key);
                collection.Compact();
            }
        }

        Assert.Equal(before, read);
        Assert.InRange(collection.Info.Generation, 5, int.MaxValue);
    }

    [Fact]
    public void ReadAll_WhenTheCollectionIsClosed_SaysSo()
    {
        var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        var random = new Random(4);
        collection.Upsert([.. Enumerable.Range(0, 50).Select(_ => Samples.Entry(random))]);
        using IEnumerator<VectorEntry> rows = collection.ReadAll().GetEnumerator();
        Assert.True(rows.MoveNext());
        collection.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rows.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => collection.ReadAll());
    }

    [Fact]
    public void Use_AfterDispose_Throws()
    {
        var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        collection.Dispose();
        collection.Dispose();
        Assert.Throws<ObjectDisposedException>(() => collection.Info);
        Assert.Throws<ObjectDisposedException>(() => collection.Search(Samples.Unit(1, 32), new SearchOptions { K = 1 }, new Neighbor[1]));
        Assert.Throws<ObjectDisposedException>(collection.Commit);
    }

    [Fact]
    public void Open_WhereThereIsNone_SaysSo()
    {
        Assert.Contains("no collection", Assert.Throws<ClssIndexException>(() => VectorCollection.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("no collection", Assert.Throws<ClssIndexException>(() => VectorCollection.Open(_folder.File("absent"))).Message, StringComparison.Ordinal);
        _folder.Write("notes.txt", "mine");
        Assert.Contains("notes.txt", Assert.Throws<ClssIndexException>(() => VectorCollection.Create(_folder.Path, Samples.AllColumns)).Message, StringComparison.Ordinal);
        VectorCollection.Create(_folder.File("db"), Samples.AllColumns).Dispose();
        Assert.Contains("already holds", Assert.Throws<ClssIndexException>(() => VectorCollection.Create(_folder.File("db"), Samples.AllColumns)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_AskedToWrite_Refuses()
    {
        VectorCollection.Create(_folder.File("db"), Samples.AllColumns).Dispose();
        using var reader = VectorCollection.Open(_folder.File("db"));
        Assert.Contains("reading only", Assert.Throws<ClssIndexException>(() => reader.Delete("a")).Message, StringComparison.Ordinal);
        Assert.Contains("reading only", Assert.Throws<ClssIndexException>(reader.Commit).Message, StringComparison.Ordinal);
        Assert.Contains("reading only", Assert.Throws<ClssIndexException>(() => reader.Compact()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Commit_PastTheSizeOfTheLog_FoldsItIntoANewGeneration()
    {
        string directory = _folder.File("db");
        using var writer = VectorCollection.Create(directory, new CollectionOptions { Dimension = 1000 });
        for (int batch = 0; batch < 6; batch++)
        {
            writer.Upsert([.. Enumerable.Range(0, 1000).Select(row => new VectorEntry { Key = $"{batch}-{row}", Vector = Samples.Unit(row, 1000) })]);
            writer.Commit();
        }

        // A merge runs in the background and is put in place by a later call.
        writer.WaitForMerge();
        writer.Commit();
        Assert.Equal(2, writer.Info.Generation);
        using var reader = VectorCollection.Open(directory);
        Assert.Equal(6000, reader.Info.Count);
        Assert.True(VectorCollection.Verify(directory).IsIntact);
    }
}

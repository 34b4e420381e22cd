using Clss.Index;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Crash.Tests;

/// <summary>Every single operation on files fails once, in every way; the collection must keep exactly its last commit.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int Commits = 9;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void AnyFailedOperation_LeavesExactlyTheLastCommit(bool staysDead, bool writesHalf)
    {
        int faults = 0;
        for (int failing = 1; ; failing++)
        {
            using var folder = new TemporaryFolder();
            string directory = folder.File("db");
            var operations = new FaultyFileOperations(failing, staysDead, writesHalf);
            int acknowledged = Write(directory, operations);
            if (operations.Failed is null)
            {
                Assert.Equal(Commits, acknowledged);
                break;
            }

            faults++;
            AssertKept(directory, acknowledged, operations);
        }

        output.WriteLine($"{faults} operations failed, one at a time");
        Assert.InRange(faults, 60, 1000);
    }

    [Fact]
    public void AFullDisk_LeavesExactlyTheLastCommit_AndWritingGoesOnWithRoom()
    {
        int full = 0;
        for (long room = 500; ; room += 1777)
        {
            using var folder = new TemporaryFolder();
            string directory = folder.File("db");
            var operations = new FaultyFileOperations(0, staysDead: false, writesHalf: true, room);
            int acknowledged = Write(directory, operations);
            if (operations.Failed is null)
            {
                break;
            }

            full++;
            if (acknowledged >= 0)
            {
                AssertKept(directory, acknowledged, operations);
            }
        }

        Assert.InRange(full, 20, 1000);
    }

    [Fact]
    public void AFailedCommit_RefusesFurtherWrites_AndSaysWhatToDo()
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("db");
        VectorCollection.Create(directory, CommitHistory.Options).Dispose();

        // Opening an intact collection opens the log; the first write of the commit comes next.
        using var collection = VectorCollection.Open(directory, OpenMode.ReadWrite, new FaultyFileOperations(2, staysDead: false, writesHalf: true), new MergePolicy());
        CommitHistory.Change(collection, 1);
        ClssIndexException failure = Assert.Throws<ClssIndexException>(collection.Commit);
        Assert.Contains("keeps the state of the last commit", failure.Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(failure.InnerException);
        Assert.Contains("open it again", Assert.Throws<ClssIndexException>(() => collection.Delete("key1")).Message, StringComparison.Ordinal);
        Assert.Equal(1, CommitHistory.Number(collection));
        using var reader = VectorCollection.Open(directory);
        Assert.Equal(0, reader.Info.Count);
    }

    /// <summary>Writes commits until done or failed; returns the last that was acknowledged, 0 after the creation, -1 before.</summary>
    private static int Write(string directory, FileOperations operations)
    {
        int acknowledged = -1;
        try
        {
            using (var collection = VectorCollection.Create(directory, CommitHistory.Options, operations, new MergePolicy()))
            {
                acknowledged = 0;
                acknowledged = Continue(collection, 1, 5, acknowledged, number => acknowledged = number);
            }

            using (var collection = VectorCollection.Open(directory, OpenMode.ReadWrite, operations, new MergePolicy()))
            {
                Continue(collection, 6, Commits, acknowledged, number => acknowledged = number);
            }
        }
        catch (ClssIndexException e)
        {
            Assert.IsAssignableFrom<IOException>(e.InnerException);
        }

        return acknowledged;
    }

    private static int Continue(VectorCollection collection, int first, int last, int acknowledged, Action<int> acknowledge)
    {
        for (int number = first; number <= last; number++)
        {
            CommitHistory.Change(collection, number);
            CommitHistory.Commit(collection, number);
            acknowledge(number);
            acknowledged = number;
        }

        return acknowledged;
    }

    private static void AssertKept(string directory, int acknowledged, FaultyFileOperations operations)
    {
        string context = $"operation {operations.Done.Count} ({operations.Failed}) failed";
        if (!File.Exists(Path.Combine(directory, Manifest.FileName)))
        {
            Assert.True(acknowledged < 0, context);
            using var created = VectorCollection.Create(directory, CommitHistory.Options);
            Assert.Equal(0, created.Info.Count);
            return;
        }

        int found;
        using (var reader = VectorCollection.Open(directory))
        {
            found = CommitHistory.Number(reader);
        }

        int expected = operations.FailedAfterTheCommit ? acknowledged + 1 : acknowledged;
        Assert.True(found == expected, $"{context}: commit {found} instead of {expected}");

        using (var writer = VectorCollection.Open(directory, OpenMode.ReadWrite))
        {
            CommitHistory.AssertState(writer, found);
            CommitHistory.Change(writer, found + 1);
            writer.Commit();
        }

        Assert.True(VectorCollection.Verify(directory).IsIntact, context);
        using var reopened = VectorCollection.Open(directory);
        CommitHistory.AssertState(reopened, found + 1);
    }
}

using Clss.Index;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Crash.Tests;

/// <summary>
/// Every single operation on files fails once, in every way, while generations are merged in the background. Whatever was acknowledged must be kept,
/// and a fault of the merge must not fail a commit.
/// </summary>
public sealed class MergeFaultTests(ITestOutputHelper output)
{
    private const int Commits = 10;

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(false, true, false)]
    public void AnyFailedOperation_KeepsWhatWasAcknowledged(bool staysDead, bool writesHalf, bool inTurn)
    {
        (int faults, int survived, int generations) = (0, 0, 0);
        for (int failing = 1; ; failing++)
        {
            using var folder = new TemporaryFolder();
            string directory = folder.File("db");
            var operations = new FaultyFileOperations(failing, staysDead, writesHalf);
            Outcome outcome = Write(directory, operations, inTurn);
            if (operations.Failed is null)
            {
                Assert.Equal(Commits, outcome.Acknowledged);
                generations = (int)outcome.Generation;
                break;
            }

            faults++;
            survived += outcome.Acknowledged == Commits ? 1 : 0;
            AssertKept(directory, outcome, operations);

            // In turn, the operations of a merge are known by their files: none of them fails a commit. Only after the manifest has been replaced is it
            // unknown which log counts, and nothing more is written.
            bool ofMerge = operations.Failed is "create rows" or "write rows" or "flush rows" or "create MANIFEST.new" or "write MANIFEST.new" or "flush MANIFEST.new" or "replace MANIFEST" or "delete rows" or "delete log";
            bool isCreation = outcome.Acknowledged < 0;
            Assert.True(!ofMerge || isCreation || staysDead || outcome.Acknowledged == Commits, $"{operations.Failed}, operation {failing}, failed commit {outcome.Acknowledged + 1}");
        }

        output.WriteLine($"{faults} operations failed, one at a time; {survived} histories went on to the end; {generations} generations without a fault");
        Assert.InRange(generations, inTurn ? 3 : 2, 100);
        Assert.InRange(faults, 80, 2000);
        Assert.True(staysDead || survived > faults / 4);
    }

    [Fact]
    public void AFullDisk_KeepsWhatWasAcknowledged()
    {
        int full = 0;
        for (long room = 9000; ; room += 3517)
        {
            using var folder = new TemporaryFolder();
            string directory = folder.File("db");
            var operations = new FaultyFileOperations(0, staysDead: false, writesHalf: true, room);
            Outcome outcome = Write(directory, operations, inTurn: true);
            if (operations.Failed is null)
            {
                break;
            }

            full++;
            AssertKept(directory, outcome, operations);
        }

        Assert.InRange(full, 10, 1000);
    }

    /// <summary>Writes commits until done or refused. In turn: each merge has ended before the next commit, so that operations come in one order.</summary>
    private static Outcome Write(string directory, FaultyFileOperations operations, bool inTurn)
    {
        var outcome = new Outcome(-1, 0, null);
        VectorCollection? collection = null;
        try
        {
            collection = VectorCollection.Create(directory, CommitHistory.Options, operations, CommitHistory.MergeOften);
            outcome = outcome with { Acknowledged = 0 };
            for (int number = 1; number <= Commits; number++)
            {
                CommitHistory.Change(collection, number);
                collection.Commit();
                outcome = outcome with { Acknowledged = number, Generation = collection.Info.Generation };

                // The state is whole in memory, too, whatever became of a merge.
                Assert.Equal(number, CommitHistory.Number(collection));
                if (inTurn)
                {
                    collection.WaitForMerge();
                }
            }

            CommitHistory.AssertState(collection, Commits);
        }
        catch (ClssIndexException e)
        {
            outcome = outcome with { Failure = e };
        }
        finally
        {
            collection?.Dispose();
        }

        return outcome;
    }

    private static void AssertKept(string directory, Outcome outcome, FaultyFileOperations operations)
    {
        string context = $"operation {operations.Done.Count} ({operations.Failed}) failed";
        if (!File.Exists(Path.Combine(directory, Manifest.FileName)))
        {
            Assert.True(outcome.Acknowledged < 0, context);
            return;
        }

        int found;
        using (var reader = VectorCollection.Open(directory))
        {
            found = CommitHistory.Number(reader);
        }

        // A commit that failed may have been complete on the device all the same.
        int acknowledged = Math.Max(outcome.Acknowledged, 0);
        int last = outcome.Failure is null ? acknowledged : acknowledged + 1;
        Assert.True(found >= acknowledged && found <= last, $"{context}: commit {found} instead of {acknowledged} to {last}");
        var intact = new FaultyFileOperations(0, staysDead: false, writesHalf: false);
        using (var writer = VectorCollection.Open(directory, OpenMode.ReadWrite, intact, new MergePolicy()))
        {
            CommitHistory.AssertState(writer, found);
            CommitHistory.Change(writer, found + 1);
            writer.Commit();
        }

        // The next writer has removed what an unfinished merge left.
        Assert.Single(Directory.GetFiles(directory, "rows-*"));
        Assert.Single(Directory.GetFiles(directory, "log-*"));
        Assert.True(VectorCollection.Verify(directory).IsIntact, context);
        using var reopened = VectorCollection.Open(directory);
        CommitHistory.AssertState(reopened, found + 1);
    }

    private sealed record Outcome(int Acknowledged, long Generation, ClssIndexException? Failure);
}

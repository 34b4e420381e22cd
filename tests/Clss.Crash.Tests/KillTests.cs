using System.Diagnostics;
using System.Globalization;
using Clss.Index;
using Clss.Testing;

namespace Clss.Crash.Tests;

/// <summary>A process that writes is killed at random moments; what it left must be the last commit that it announced, or the one after.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Lanes = 4;
    private const int KillsPerLane = 52;

    // Beyond this number of commits the expected state takes long to compute: the lane then starts a new collection, which also kills creations.
    private const int LastCommit = 300;

    [Theory]
    [InlineData(false, KillsPerLane)]
    [InlineData(true, KillsPerLane / 4)]
    public async Task Kill_AtAnyMoment_LeavesTheLastCommitOrTheNext(bool merges, int killsPerLane)
    {
        var clock = Stopwatch.StartNew();
        int[][] results = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => RunLane(lane, merges, killsPerLane))));
        int kills = results.Sum(result => result[0]);
        int inMerges = results.Sum(result => result[3]);
        output.WriteLine($"{kills} kills, {results.Sum(result => result[1])} commits, {results.Sum(result => result[2])} of them found without having been announced, {inMerges} kills left files of an unfinished generation, {clock.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(killsPerLane * Lanes, kills);
        Assert.InRange(results.Sum(result => result[1]), kills / 2, int.MaxValue);

        // With merges, nearly all that write generations: a compaction comes once in sixteen commits.
        Assert.True(!merges || inMerges > kills / 10, $"only {inMerges} kills left files of an unfinished generation");
    }

    [Fact]
    public void AWriterInAnotherProcess_IsNamed_AndReadersReadItsCommits()
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("db");
        using Process process = Start(directory, merges: false);
        try
        {
            int announced = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
            CollectionLockedException refused = Assert.Throws<CollectionLockedException>(() => VectorCollection.Open(directory, OpenMode.ReadWrite));
            Assert.Contains($"process {process.Id} on", refused.Message, StringComparison.Ordinal);
            using var reader = VectorCollection.Open(directory);
            int found = CommitHistory.Number(reader);
            Assert.InRange(found, announced, int.MaxValue);
            CommitHistory.AssertState(reader, found);

            // It writes on, and the reader can follow it.
            Assert.True(SpinWait.SpinUntil(reader.Refresh, TimeSpan.FromSeconds(20)));
            Assert.InRange(CommitHistory.Number(reader), found + 1, int.MaxValue);
            CommitHistory.AssertState(reader, CommitHistory.Number(reader));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }

        // The lock ends with its process, however that ended.
        using var writer = VectorCollection.Open(directory, OpenMode.ReadWrite);
        CommitHistory.AssertState(writer, CommitHistory.Number(writer));
    }

    private static int[] RunLane(int lane, bool merges, int killsPerLane)
    {
        var random = new Random(lane);
        (int kills, int commits, int unannounced, int unfinished) = (0, 0, 0, 0);
        while (kills < killsPerLane)
        {
            using var folder = new TemporaryFolder();
            string directory = folder.File("db");
            int number = 0;
            while (kills < killsPerLane && number < LastCommit)
            {
                // One in four is killed at any moment from its start on, which on a busy machine is mostly before its first commit; the others after that.
                bool isAnyMoment = !merges && kills % 4 == 0;
                int announced = WriteAndKill(directory, random.Next(isAnyMoment ? 120 : 60), merges, isAnyMoment) ?? number;
                kills++;
                unfinished += Directory.Exists(directory) && (Directory.GetFiles(directory, "rows-*").Length > 1 || Directory.GetFiles(directory, "log-*").Length > 1) ? 1 : 0;
                int found = CheckAfterKill(directory, announced);
                commits += found - number;
                unannounced += found - announced;
                number = found;
            }
        }

        return [kills, commits, unannounced, unfinished];
    }

    /// <summary>Runs a writer and kills it this long after its start, or after its first commit; returns the last commit that it announced.</summary>
    private static int? WriteAndKill(string directory, int milliseconds, bool merges, bool fromStart)
    {
        using Process process = Start(directory, merges);
        int? announced = null;
        using var timer = new Timer(_ => process.Kill(), null, fromStart ? milliseconds : Timeout.Infinite, Timeout.Infinite);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (announced is null && !fromStart)
            {
                timer.Change(milliseconds, Timeout.Infinite);
            }

            announced = int.Parse(line, CultureInfo.InvariantCulture);
        }

        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", errors);
        return announced;
    }

    private static Process Start(string directory, bool merges)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KillTests).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[WriterProcess.Variable] = directory;
        start.Environment["DOTNET_TieredPGO"] = "0";
        if (merges)
        {
            start.Environment[WriterProcess.MergesVariable] = "1";
        }

        Process process = Process.Start(start)!;
        return process.StandardOutput.ReadLine() == "started"
            ? process
            : throw new InvalidOperationException("The writer did not start: " + process.StandardError.ReadToEnd());
    }

    private static int CheckAfterKill(string directory, int announced)
    {
        if (!File.Exists(Path.Combine(directory, "MANIFEST")))
        {
            Assert.Equal(0, announced);
            return 0;
        }

        Assert.Empty(VectorCollection.Verify(directory).Damages);
        using var collection = VectorCollection.Open(directory);
        int found = CommitHistory.Number(collection);
        Assert.InRange(found, announced, announced + 1);
        CommitHistory.AssertState(collection, found);
        return found;
    }
}

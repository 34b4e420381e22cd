using System.Diagnostics;
using System.Runtime.InteropServices;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class InterruptionTests
{
    private const int Sigint = 2;
    private const int Sigkill = 9;

    // Some seconds of work on one thread, so that a signal finds the program at it.
    private const int Many = 1500;

    [Theory]
    [InlineData(Sigint)]
    [InlineData(Sigkill)]
    public void CreateDb_Interrupted_ResumesToTheSameDatabase(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by number here.");
        using var folder = new TemporaryFolder();
        folder.Write("many.fasta", Proteins.Random(Many, 100, 300, seed: 6));
        ClssProcess.Run(folder, "createdb", "many.fasta", "whole").ShouldSucceed();

        Interrupt(folder, signal, "db", "createdb", "many.fasta", "db");
        ClssProcess.Run(folder, "createdb", "many.fasta", "db").ShouldSucceed();
        ClssProcess.Run(folder, "db", "verify", "db").ShouldSucceed();
        ClssProcess.Run(folder, "db", "export", "whole", "whole.npy").ShouldSucceed();
        ClssProcess.Run(folder, "db", "export", "db", "db.npy").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("whole.npy")), File.ReadAllBytes(folder.File("db.npy")));
        Assert.Equal(File.ReadAllText(folder.File("whole.tsv")), File.ReadAllText(folder.File("db.tsv")));
    }

    [Fact]
    public void Embed_Interrupted_LeavesTheOldFileAndResumes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by number here.");
        using var folder = new TemporaryFolder();
        folder.Write("many.fasta", Proteins.Random(Many, 100, 300, seed: 7));
        folder.Write("out.npy", "an older result");
        Interrupt(folder, Sigint, "out.npy.partial", "embed", "many.fasta", "out.npy");
        Assert.Equal("an older result", File.ReadAllText(folder.File("out.npy")));
        ClssProcess.Run(folder, "embed", "many.fasta", "out.npy").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "many.fasta", "straight.npy").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("straight.npy")), File.ReadAllBytes(folder.File("out.npy")));
        Assert.Equal(1 + Many, File.ReadAllLines(folder.File("out.ids.tsv")).Length);
    }

    [Fact]
    public void Search_Interrupted_LeavesNoHalfResult()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by number here.");
        using var folder = new TemporaryFolder();
        folder.Write("many.fasta", Proteins.Random(Many, 100, 300, seed: 8));
        folder.Write("few.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "few.fasta", "db").ShouldSucceed();
        Interrupt(folder, Sigint, "hits.tsv.*", "search", "many.fasta", "db", "hits.tsv");
        Assert.False(File.Exists(folder.File("hits.tsv")));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.partial"));
    }

    /// <summary>Starts the program and signals it a moment after the first trace of its work appears.</summary>
    private static void Interrupt(TemporaryFolder folder, int signal, string trace, params string[] arguments)
    {
        using Process process = ClssProcess.Start(folder, [.. arguments, "--threads", "1"]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        while (!process.HasExited && !Directory.EnumerateFileSystemEntries(folder.Path, trace).Any())
        {
            Thread.Sleep(20);
        }

        Thread.Sleep(500);
        Assert.False(process.HasExited, $"clss {arguments[0]} ended before it could be interrupted\n{(process.HasExited ? error.Result : "")}");
        Assert.Equal(0, Kill(process.Id, signal));
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "the signal did not end it");
        if (signal == Sigint)
        {
            Assert.Equal(130, process.ExitCode);
            Assert.Contains("interrupted", error.Result, StringComparison.Ordinal);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}

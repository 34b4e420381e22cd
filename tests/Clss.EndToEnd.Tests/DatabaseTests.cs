using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class DatabaseTests
{
    [Fact]
    public void Export_AndCreateFromVectors_RoundTrip()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three + Proteins.Random(20, 30, 90, seed: 4));
        ClssProcess.Run(folder, "createdb", "t.fasta", "first").ShouldSucceed();
        ClssProcess.Run(folder, "db", "export", "first", "first.npy").ShouldSucceed();
        ClssProcess.Run(folder, "createdb", "--vectors", "first.npy", "--metadata", "first.tsv", "--model", "clss-mini", "second").ShouldSucceed();
        ClssProcess.Run(folder, "db", "export", "second", "second.npy").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("first.npy")), File.ReadAllBytes(folder.File("second.npy")));
        Assert.Equal(File.ReadAllText(folder.File("first.tsv")), File.ReadAllText(folder.File("second.tsv")));
        Assert.Equal(["key", "partition"], SearchTests.Table(folder.File("first.tsv"))[0][..2]);

        // The key and the metadata are enough for a search by sequence, since the model is named.
        ClssProcess.Run(folder, "search", "t.fasta", "second", "hits.tsv").ShouldSucceed();
        ClssProcess.Run(folder, "createdb", "--vectors", "first.npy", "third").ShouldSucceed();
        ClssProcess.Run(folder, "search", "t.fasta", "third", "hits.tsv").ShouldFail(1, "model");
        ClssProcess.Run(folder, "search", "first.npy", "third", "numbers.tsv", "-k", "1").ShouldSucceed();
        Assert.All(SearchTests.Table(folder.File("numbers.tsv")).Skip(1), row => Assert.Equal(row[0], row[1]));
    }

    [Fact]
    public void Info_And_List_DescribeDatabases()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "t.fasta", "three").ShouldSucceed();
        using JsonDocument info = JsonDocument.Parse(ClssProcess.Run(folder, "db", "info", "three", "--json").ShouldSucceed().Output);
        Assert.Equal(3, info.RootElement.GetProperty("count").GetInt32());
        Assert.Equal("clss-mini", info.RootElement.GetProperty("model").GetString());
        Assert.Equal("exact", info.RootElement.GetProperty("index").GetString());
        Assert.True(info.RootElement.GetProperty("dimension").GetInt32() > 0);
        Assert.Contains("clss-mini", ClssProcess.Run(folder, "db", "info", "three").ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("three\t3\t", ClssProcess.Run(folder, "db", "list").ShouldSucceed().Output, StringComparison.Ordinal);
        ClssProcess.Run(folder, "db", "info", "tree").ShouldFail(2, "Did you mean 'three'?");
    }

    [Fact]
    public void Verify_FlippedBit_IsNamed()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "t.fasta", "db").ShouldSucceed();
        ClssProcess.Run(folder, "db", "verify", "db").ShouldSucceed();
        string victim = Directory.EnumerateFiles(folder.File("db"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) != ".json").OrderByDescending(file => new FileInfo(file).Length).First();
        byte[] bytes = File.ReadAllBytes(victim);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(victim, bytes);
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "db", "verify", "db").ShouldFail(1, "damaged");
        Assert.Contains(Path.GetFileName(victim), outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_FindsAllInOrder()
    {
        using var folder = new TemporaryFolder();
        string output = ClssProcess.Run(folder, "doctor").ShouldSucceed().Output;
        Assert.Contains("residues/s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("problem", output, StringComparison.Ordinal);
    }

    [Fact]
    public void FullDisk_GivesAClearError_AndTheSameCommandFinishesLater()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs a small file system of its own, which only root on Linux can mount.");
        using var folder = new TemporaryFolder();
        string disk = folder.File("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", disk) == 0, "A tmpfs can not be mounted here.");
        try
        {
            folder.Write("big.fasta", Proteins.Random(2000, 12, 30, seed: 5));
            ClssProcess.Outcome full = ClssProcess.Run(folder, "createdb", "big.fasta", "disk/db");
            Assert.True(full.ExitCode == 1, full.Error);
            Assert.Contains("space", full.Error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("   at ", full.Error, StringComparison.Ordinal);
            Assert.Equal(0, Shell("mount", "-o", "remount,size=64m", disk));
            ClssProcess.Run(folder, "createdb", "big.fasta", "disk/db").ShouldSucceed();
            ClssProcess.Run(folder, "db", "verify", "disk/db").ShouldSucceed();
            Assert.Contains("\"count\":2000", ClssProcess.Run(folder, "db", "info", "disk/db", "--json").Output, StringComparison.Ordinal);
        }
        finally
        {
            Shell("umount", "-l", disk);
        }
    }

    private static int Shell(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}

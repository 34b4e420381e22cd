using System.IO.Compression;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class UsageTests
{
    [Fact]
    public void Version_And_Help_AnswerOnStandardOutput()
    {
        using var folder = new TemporaryFolder();
        Assert.Matches(@"^\d+\.\d+\.\d+", ClssProcess.Run(folder, "--version").ShouldSucceed().Output);
        string help = ClssProcess.Run(folder, "--help").ShouldSucceed().Output;
        foreach (string command in (string[])["demo", "easy-search", "search", "createdb", "embed", "convertalis", "db", "models", "doctor"])
        {
            Assert.Contains($"  {command} ", help, StringComparison.Ordinal);
        }

        string search = ClssProcess.Run(folder, "search", "--help").ShouldSucceed().Output;
        Assert.Contains("Example:", search, StringComparison.Ordinal);
        Assert.Contains("--min-similarity", search, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "Did you mean 'clss search'", "serach", "a", "b", "c")]
    [InlineData(2, "See 'clss search --help'", "search", "a")]
    [InlineData(2, "-k", "search", "q.fasta", "db", "x.tsv", "-k", "0")]
    [InlineData(2, "there is no database nowhere", "search", "q.fasta", "nowhere", "x.tsv")]
    [InlineData(2, "'clss db list'", "db", "info", "nowhere")]
    [InlineData(1, "missing.fasta", "createdb", "missing.fasta", "db2")]
    [InlineData(2, "Available:", "search", "q.fasta", "db", "x.tsv", "--format-output", "query,evalue")]
    [InlineData(1, "no column 'lenght'", "search", "q.fasta", "db", "x.tsv", "--where", "lenght > 3")]
    [InlineData(2, "--threads", "search", "q.fasta", "db", "x.tsv", "--threads", "-1")]
    [InlineData(1, "CLSS-subb", "createdb", "q.fasta", "db3", "--model", "CLSS-subb")]
    [InlineData(2, "clss createdb q.fasta q", "search", "q.fasta", "q.fasta", "x.tsv")]
    public void WrongUse_GivesOneClearError(int exitCode, string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "q.fasta", "db").ShouldSucceed();
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, arguments).ShouldFail(exitCode, expected);
        Assert.Empty(outcome.Output);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("x.tsv")));
    }

    [Fact]
    public void WrongFile_SaysWhatItIs()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model.pdb", "HEADER    TEST\nATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n");
        folder.Write("empty.fasta", "");
        File.WriteAllBytes(folder.File("noise.bin"), [.. Enumerable.Range(0, 2000).Select(i => (byte)(i * 7919))]);
        Assert.Equal(1, ClssProcess.Run(folder, "createdb", "model.pdb", "a").ExitCode);
        Assert.Equal(1, ClssProcess.Run(folder, "createdb", "empty.fasta", "b").ExitCode);
        Assert.Equal(1, ClssProcess.Run(folder, "createdb", "noise.bin", "c").ExitCode);
        Assert.Contains("no complete backbone", ClssProcess.Run(folder, "createdb", "model.pdb", "a").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Skipped_Records_AreListedAndStrictFails()
    {
        using var folder = new TemporaryFolder();
        folder.Write("odd.fasta", Proteins.Three + ">empty\n>digits\nMKV123\n");
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "createdb", "odd.fasta", "db").ShouldSucceed();
        Assert.Contains("skipped", outcome.Error, StringComparison.Ordinal);
        string[] rows = File.ReadAllLines(folder.File("db_skipped.tsv"));
        Assert.Equal(["empty", "digits"], SearchTests.Columns(rows, "id").Skip(1).Select(row => row[0]));
        Assert.Equal(1, ClssProcess.Run(folder, "createdb", "odd.fasta", "strict", "--strict").ExitCode);
        Assert.Equal(1, ClssProcess.Run(folder, "search", "odd.fasta", "db", "h.tsv", "--strict").ExitCode);
        Assert.True(File.Exists(folder.File("h.tsv")));
        Assert.Equal(3, File.ReadAllLines(folder.File("h_skipped.tsv")).Length);
    }

    [Fact]
    public void Gzip_And_Stdin_AreRead()
    {
        using var folder = new TemporaryFolder();
        using (var gzip = new GZipStream(File.Create(folder.File("p.dat")), CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.ASCII.GetBytes(Proteins.Three));
        }

        ClssProcess.Run(folder, "createdb", "p.dat", "a").ShouldSucceed();
        ClssProcess.RunWithInput(folder, Proteins.Three, "createdb", "-", "b").ShouldSucceed();
        Assert.Contains("\"count\":3", ClssProcess.Run(folder, "db", "info", "a", "--json").ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("\"count\":3", ClssProcess.Run(folder, "db", "info", "b", "--json").ShouldSucceed().Output, StringComparison.Ordinal);
    }
}

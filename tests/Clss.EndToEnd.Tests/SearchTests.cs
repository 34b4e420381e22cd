using System.Globalization;
using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class SearchTests
{
    [Fact]
    public void EasySearch_TwoFastaFiles_FindsEachProteinItself()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.fasta", Proteins.Three);
        folder.Write("b.fasta", Proteins.Three + Proteins.Random(50, 40, 200, seed: 1));
        ClssProcess.Run(folder, "easy-search", "a.fasta", "b.fasta", "hits.tsv", "-k", "2").ShouldSucceed();

        string[][] rows = Table(folder.File("hits.tsv"));
        Assert.Equal(["query", "target", "similarity"], rows[0][..3]);
        Assert.Equal(1 + (3 * 2), rows.Length);
        Assert.Equal(["P69905", "P69905", "ubiquitin", "ubiquitin", "d193la_", "d193la_"], rows.Skip(1).Select(row => row[0]));
        foreach (string[] best in rows.Skip(1).Where((_, i) => i % 2 == 0))
        {
            Assert.Equal(best[0], best[1]);
            Assert.Equal(1f, float.Parse(best[2], CultureInfo.InvariantCulture), 1e-5f);
        }

        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("hits.tsv.manifest.json")));
        Assert.Equal("clss.manifest.v1", manifest.RootElement.GetProperty("schema").GetString());
        Assert.StartsWith("sha256:", manifest.RootElement.GetProperty("model").GetProperty("fingerprint").GetString(), StringComparison.Ordinal);
        Assert.Equal(6, manifest.RootElement.GetProperty("counts").GetProperty("hits").GetInt64());
    }

    [Fact]
    public void Search_EveryKindOfQuery_GivesTheSameHits()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        folder.Write("t.fasta", Proteins.Three + Proteins.Random(200, 30, 120, seed: 2));
        ClssProcess.Run(folder, "createdb", "t.fasta", "targets").ShouldSucceed();
        ClssProcess.Run(folder, "createdb", "q.fasta", "queries").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "q.fasta", "q.npy").ShouldSucceed();

        ClssProcess.Run(folder, "search", "q.fasta", "targets", "sequences.tsv").ShouldSucceed();
        ClssProcess.Run(folder, "search", "queries", "targets", "database.tsv").ShouldSucceed();
        ClssProcess.Run(folder, "search", "q.npy", "targets", "vectors.tsv").ShouldSucceed();
        ClssProcess.Run(folder, "search", "q.fasta", "targets", "exact.tsv", "--exact", "--threads", "1").ShouldSucceed();
        string piped = ClssProcess.RunWithInput(folder, Proteins.Three, "search", "-", "targets", "-").ShouldSucceed().Output;

        string[][] expected = Columns(folder.File("sequences.tsv"), "target", "similarity");
        Assert.Equal(1 + 30, expected.Length);
        Assert.Equal(expected, Columns(folder.File("database.tsv"), "target", "similarity"));
        Assert.Equal(expected, Columns(folder.File("vectors.tsv"), "target", "similarity"));
        Assert.Equal(File.ReadAllText(folder.File("sequences.tsv")), File.ReadAllText(folder.File("exact.tsv")));
        Assert.Equal(File.ReadAllText(folder.File("sequences.tsv")), piped);
        Assert.Equal(["0", "1", "2"], Columns(folder.File("vectors.tsv"), "query").Skip(1).Select(row => row[0]).Distinct());
    }

    [Fact]
    public void Search_Options_ChooseHitsAndColumns()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three + Proteins.Random(100, 30, 120, seed: 3));
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "t.fasta", "db").ShouldSucceed();

        string filtered = ClssProcess.Run(folder, "search", "q.fasta", "db", "-", "-k", "100", "--where", "length between 100 and 141 and key != 'P69905'").ShouldSucceed().Output;
        int[] lengths = [.. Columns(filtered.Split('\n', StringSplitOptions.RemoveEmptyEntries), "length").Skip(1).Select(row => int.Parse(row[0], CultureInfo.InvariantCulture))];
        Assert.NotEmpty(lengths);
        Assert.All(lengths, length => Assert.InRange(length, 100, 141));
        Assert.DoesNotContain("\tP69905\t", filtered, StringComparison.Ordinal);

        string close = ClssProcess.Run(folder, "search", "q.fasta", "db", "-", "-k", "100", "--min-similarity", "0.99999").ShouldSucceed().Output;
        Assert.Equal(1 + 3, close.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        ClssProcess.Run(folder, "search", "q.fasta", "db", "hits.m8", "-k", "1", "--format-output", "query,target,qlen,tlen,taxid").ShouldSucceed();
        Assert.Equal("P69905\tP69905\t141\t141\t9606", File.ReadAllLines(folder.File("hits.m8"))[0]);

        string json = ClssProcess.Run(folder, "search", "q.fasta", "db", "-", "-k", "1", "--json").ShouldSucceed().Output;
        using JsonDocument first = JsonDocument.Parse(json.Split('\n')[0]);
        Assert.Equal("clss.hit.v1", first.RootElement.GetProperty("schema").GetString());
        Assert.Equal(9606, first.RootElement.GetProperty("taxonomy_id").GetInt64());
        Assert.Equal(JsonValueKind.Null, first.RootElement.GetProperty("scope_sccs").ValueKind);
    }

    [Fact]
    public void Search_OutputWithoutExtension_IsAResultDatabase()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "t.fasta", "db").ShouldSucceed();
        ClssProcess.Run(folder, "search", "t.fasta", "db", "direct.tsv").ShouldSucceed();
        ClssProcess.Run(folder, "search", "t.fasta", "db", "results").ShouldSucceed();
        ClssProcess.Run(folder, "search", "t.fasta", "db", "results").ShouldSucceed(); // replaces its own kind
        ClssProcess.Run(folder, "convertalis", "results", "converted.tsv").ShouldSucceed();
        Assert.Equal(File.ReadAllText(folder.File("direct.tsv")), File.ReadAllText(folder.File("converted.tsv")));

        string m8 = ClssProcess.Run(folder, "convertalis", "results", "-", "--format-mode", "0", "--format-output", "target,similarity").ShouldSucceed().Output;
        Assert.Equal("P69905\t1", m8.Split('\n')[0]);
        ClssProcess.Run(folder, "convertalis", "results", "-", "--format-output", "evalu").ShouldFail(2, "Available:");
        ClssProcess.Run(folder, "search", "t.fasta", "db", "db").ShouldFail(1, "is no result database");
    }

    [Fact]
    public void Search_DatabaseOfAnotherModel_IsRefused()
    {
        string checkpoint = Repository.SharedPath("golden", "clss-tiny.lckpt");
        string config = Repository.SharedPath("golden", "esm2-tiny", "config.json");
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three);
        File.Copy(checkpoint, folder.File("clss-tiny.lckpt"));
        File.Copy(config, folder.File("config.json"));
        ClssProcess.Run(folder, "createdb", "t.fasta", "mini").ShouldSucceed();
        ClssProcess.Run(folder, "createdb", "t.fasta", "tiny", "--model", "clss-tiny.lckpt").ShouldSucceed();
        ClssProcess.Outcome refused = ClssProcess.Run(folder, "search", "t.fasta", "mini", "x.tsv", "--model", "clss-tiny.lckpt").ShouldFail(1, "clss-mini");
        Assert.Contains("clss-tiny", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("x.tsv")));
        ClssProcess.Run(folder, "search", "mini", "tiny", "x.tsv").ShouldFail(1, "clss-tiny");
    }

    internal static string[][] Table(string path) => [.. File.ReadAllLines(path).Select(line => line.Split('\t'))];

    internal static string[][] Columns(string path, params string[] names) => Columns(File.ReadAllLines(path), names);

    internal static string[][] Columns(string[] lines, params string[] names)
    {
        string[] header = lines[0].Split('\t');
        int[] indices = [.. names.Select(name => Array.IndexOf(header, name))];
        Assert.DoesNotContain(-1, indices);
        return [.. lines.Select(line => line.Split('\t')).Select(row => indices.Select(i => row[i]).ToArray())];
    }
}

using System.Globalization;
using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class RecallTests
{
    [Fact]
    public void Check_PrintsRecallWithIntervalsAndTimes()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "cells", "--rows-per-cell", "32");
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "db", "check", "db", "--sample", "100", "--nprobe", "1").ShouldSucceed();
        string[][] rows = [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
        Assert.Equal(["index", "setting", "k", "recall", "low", "high", "complete", "microseconds", "exact_microseconds", "certified"], rows[0]);
        Assert.Equal(["1", "10", "100"], rows.Skip(1).Select(row => row[2]));
        foreach (string[] row in rows.Skip(1))
        {
            Assert.Equal(["cells", "nprobe 1"], row[..2]);
            double[] numbers = [.. row[3..].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            Assert.True(numbers[1] <= numbers[0] && numbers[0] <= numbers[2], string.Join(' ', row));
            Assert.True(numbers[4] > 0 && numbers[5] > 0, string.Join(' ', row));
            Assert.InRange(numbers[6], 0, numbers[3]);
        }

        Assert.Contains("100 stored rows", outcome.Error, StringComparison.Ordinal);
        Assert.InRange(double.Parse(rows[2][3], CultureInfo.InvariantCulture), 0.01, 0.9);

        string[] exact = ClssProcess.Run(folder, "db", "check", "db", "--recall", "1", "--queries", "v.npy", "--json").ShouldSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(exact, line =>
        {
            using JsonDocument figure = JsonDocument.Parse(line);
            Assert.Equal("clss.recall.v1", figure.RootElement.GetProperty("schema").GetString());
            Assert.Equal(1, figure.RootElement.GetProperty("recall").GetDouble());
            Assert.Equal(1, figure.RootElement.GetProperty("complete").GetDouble());
            Assert.Equal(1, figure.RootElement.GetProperty("certified").GetDouble());
        });
    }

    [Fact]
    public void Check_WithoutIndex_SaysThatEverySearchIsExact()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "exact");
        ClssProcess.Outcome check = ClssProcess.Run(folder, "db", "check", "db", "--sample", "20", "--partition", "sequence", "--where", "key != '7'").ShouldSucceed();
        Assert.Contains("exact\trecall 0.99\t10\t1\t", check.Output, StringComparison.Ordinal);
        Assert.Contains("every search is exact", check.Error, StringComparison.Ordinal);
        ClssProcess.Outcome tune = ClssProcess.Run(folder, "db", "tune", "db", "--recall", "0.9", "--sample", "20").ShouldSucceed();
        Assert.Contains("every search is exact", tune.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_FindsASettingThatCheckConfirms()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "cells", "--rows-per-cell", "32");
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "db", "tune", "db", "--recall", "0.9", "--sample", "200", "--json").ShouldSucceed();
        JsonElement[] points = [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using JsonDocument point = JsonDocument.Parse(line);
            return point.RootElement.Clone();
        })];
        JsonElement[] chosen = [.. points.Where(point => point.GetProperty("chosen").GetBoolean())];
        Assert.Equal(2, chosen.Length);
        Assert.All(chosen, point => Assert.True(point.GetProperty("recall").GetDouble() >= 0.9));
        int probes = chosen[1].GetProperty("nprobe").GetInt32();
        Assert.Contains($"--nprobe {probes}:", outcome.Error, StringComparison.Ordinal);

        string check = ClssProcess.Run(folder, "db", "check", "db", "--nprobe", probes.ToString(CultureInfo.InvariantCulture), "--sample", "200").ShouldSucceed().Output;
        string expected = Math.Round(chosen[1].GetProperty("recall").GetDouble(), 5).ToString(CultureInfo.InvariantCulture);
        Assert.Contains($"\t10\t{expected}\t", check, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("int16")]
    public void Info_ShowsTheStorage(string storage)
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--storage", storage);
        using JsonDocument info = JsonDocument.Parse(ClssProcess.Run(folder, "db", "info", "db", "--json").ShouldSucceed().Output);
        Assert.Equal(storage, info.RootElement.GetProperty("storage").GetString());
        Assert.Matches($@"storage +{storage}\n", ClssProcess.Run(folder, "db", "info", "db").Output);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("db.manifest.json")));
        Assert.Equal(storage, manifest.RootElement.GetProperty("parameters").GetProperty("storage").GetString());
        ClssProcess.Run(folder, "db", "verify", "db").ShouldSucceed();
    }

    [Fact]
    public void Info_ShowsTheIndexOfEachPartition()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "cells", "--rows-per-cell", "32");
        using JsonDocument info = JsonDocument.Parse(ClssProcess.Run(folder, "db", "info", "db", "--json").ShouldSucceed().Output);
        Assert.Equal("cells", info.RootElement.GetProperty("index").GetString());
        JsonElement index = info.RootElement.GetProperty("indexes").GetProperty("sequence");
        Assert.Equal("cells", index.GetProperty("kind").GetString());
        Assert.Equal("asked for", index.GetProperty("reason").GetString());
        Assert.InRange(index.GetProperty("cells").GetInt32(), 10, 600);
        Assert.True(index.GetProperty("bytes").GetInt64() > 0);
        Assert.Matches(@"sequence: cells, \d+ cells, [\d.]+ MB in memory \(asked for\)", ClssProcess.Run(folder, "db", "info", "db").Output);
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("db.manifest.json")));
        Assert.Equal("cells", manifest.RootElement.GetProperty("parameters").GetProperty("index").GetString());
        Assert.Equal(32, manifest.RootElement.GetProperty("parameters").GetProperty("rows_per_cell").GetInt32());
    }

    [Fact]
    public void CreateDb_FromSequences_TakesTheIndexAndKeepsToIt()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.fasta", Proteins.Three);
        ClssProcess.Run(folder, "createdb", "t.fasta", "three", "--index", "cells").ShouldSucceed();
        ClssProcess.Run(folder, "createdb", "t.fasta", "three", "--index", "cells").ShouldSucceed();
        using JsonDocument info = JsonDocument.Parse(ClssProcess.Run(folder, "db", "info", "three", "--json").ShouldSucceed().Output);
        Assert.Equal("asked for", info.RootElement.GetProperty("indexes").GetProperty("sequence").GetProperty("reason").GetString());
        ClssProcess.Run(folder, "createdb", "t.fasta", "three").ShouldFail(1, "index cells");
    }

    [Fact]
    public void Search_RecallAndProbes_AreInTheManifest()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "cells", "--rows-per-cell", "32");
        foreach ((string[] options, bool exact, double? recall, int? probes) in new (string[], bool, double?, int?)[]
        {
            ([], false, 0.99, null),
            (["--recall", "0.9"], false, 0.9, null),
            (["--nprobe", "2"], false, null, 2),
            (["--exact"], true, 1, null),
            (["--recall", "1"], false, 1, null),
        })
        {
            ClssProcess.Run(folder, ["search", "v.npy", "db", "hits.tsv", "-k", "3", .. options]).ShouldSucceed();
            Assert.Equal(1 + (3 * Rows), File.ReadAllLines(folder.File("hits.tsv")).Length);
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("hits.tsv.manifest.json")));
            JsonElement parameters = manifest.RootElement.GetProperty("parameters");
            Assert.Equal(exact, parameters.GetProperty("exact").GetBoolean());
            Assert.Equal(recall, parameters.GetProperty("recall").ValueKind == JsonValueKind.Null ? null : parameters.GetProperty("recall").GetDouble());
            Assert.Equal(probes, parameters.GetProperty("nprobe").ValueKind == JsonValueKind.Null ? null : parameters.GetProperty("nprobe").GetInt32());
            Assert.Equal("cells", manifest.RootElement.GetProperty("database").GetProperty("index").GetString());
        }

        string[] exactHits = Search(folder, "--exact");
        Assert.Equal(exactHits, Search(folder, "--recall", "1"));
        Assert.NotEqual(exactHits, Search(folder, "--nprobe", "1"));
    }

    [Fact]
    public void Graph_IsMadeSearchedCheckedAndTuned()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder, "--index", "hnsw", "--m", "8", "--ef-construction", "40");
        using (JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("db.manifest.json"))))
        {
            JsonElement made = manifest.RootElement.GetProperty("parameters");
            Assert.Equal(("hnsw", 8, 40), (made.GetProperty("index").GetString(), made.GetProperty("m").GetInt32(), made.GetProperty("ef_construction").GetInt32()));
        }

        Assert.Matches(@"sequence: hnsw, [\d.]+ MB mapped \(asked for\)", ClssProcess.Run(folder, "db", "info", "db").ShouldSucceed().Output);
        ClssProcess.Run(folder, "search", "v.npy", "db", "hits.tsv", "-k", "3", "--ef", "5").ShouldSucceed();
        Assert.Equal(1 + (3 * Rows), File.ReadAllLines(folder.File("hits.tsv")).Length);
        using (JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("hits.tsv.manifest.json"))))
        {
            JsonElement parameters = manifest.RootElement.GetProperty("parameters");
            Assert.Equal((5, JsonValueKind.Null, JsonValueKind.Null), (parameters.GetProperty("ef").GetInt32(), parameters.GetProperty("recall").ValueKind, parameters.GetProperty("nprobe").ValueKind));
            Assert.Equal("hnsw", manifest.RootElement.GetProperty("database").GetProperty("index").GetString());
        }

        string[] exactHits = Search(folder, "--exact");
        Assert.NotEqual(exactHits, Search(folder, "--ef", "3"));
        Assert.Equal(exactHits, Search(folder, "--recall", "1"));
        Assert.Contains("hnsw\tef 20\t10\t", ClssProcess.Run(folder, "db", "check", "db", "--sample", "50", "--ef", "20").ShouldSucceed().Output, StringComparison.Ordinal);
        ClssProcess.Outcome tune = ClssProcess.Run(folder, "db", "tune", "db", "--recall", "0.9", "--sample", "100").ShouldSucceed();
        Assert.StartsWith("recall_setting\tnprobe\tef\tk\t", tune.Output, StringComparison.Ordinal);
        Assert.Matches(@"  --ef \d+: 0\.9", tune.Error);
        Assert.DoesNotContain("--nprobe", tune.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongUse_IsAUsageError()
    {
        using var folder = new TemporaryFolder();
        MakeDatabase(folder);
        foreach ((string expected, string[] arguments) in new (string, string[])[]
        {
            ("--recall wants", ["search", "v.npy", "db", "x.tsv", "--recall", "0"]),
            ("--recall wants", ["easy-search", "v.npy", "db", "x.tsv", "--recall", "1.01"]),
            ("--recall wants", ["search", "v.npy", "db", "x.tsv", "--recall", "NaN"]),
            ("--nprobe wants", ["search", "v.npy", "db", "x.tsv", "--nprobe", "0"]),
            ("--exact and --recall exclude", ["search", "v.npy", "db", "x.tsv", "--recall", "0.9", "--exact"]),
            ("--exact and --nprobe exclude", ["search", "v.npy", "db", "x.tsv", "--exact", "--nprobe", "4"]),
            ("--recall and --nprobe exclude", ["db", "check", "db", "--recall", "0.9", "--nprobe", "4"]),
            ("--sample wants", ["db", "check", "db", "--sample", "0"]),
            ("no partition 'structure'", ["db", "check", "db", "--partition", "structure"]),
            ("no database", ["db", "check", "nowhere"]),
            ("--recall", ["db", "tune", "db"]),
            ("--recall wants", ["db", "tune", "db", "--recall", "1.5"]),
            ("--index wants", ["createdb", "--vectors", "v.npy", "x", "--index", "annoy"]),
            ("--m wants", ["createdb", "--vectors", "v.npy", "x", "--index", "hnsw", "--m", "1"]),
            ("--m wants", ["createdb", "--vectors", "v.npy", "x", "--index", "hnsw", "--m", "129"]),
            ("--m has no meaning", ["createdb", "--vectors", "v.npy", "x", "--m", "16"]),
            ("--ef-construction wants", ["createdb", "--vectors", "v.npy", "x", "--index", "hnsw", "--ef-construction", "0"]),
            ("--ef-construction has no meaning", ["createdb", "--vectors", "v.npy", "x", "--index", "cells", "--ef-construction", "100"]),
            ("--ef-construction is 20", ["createdb", "--vectors", "v.npy", "x", "--index", "hnsw", "--m", "32", "--ef-construction", "20"]),
            ("--rows-per-cell has no meaning", ["createdb", "--vectors", "v.npy", "x", "--index", "hnsw", "--rows-per-cell", "8"]),
            ("--ef wants", ["search", "v.npy", "db", "x.tsv", "--ef", "0"]),
            ("--exact and --ef exclude", ["search", "v.npy", "db", "x.tsv", "--exact", "--ef", "4"]),
            ("--recall and --ef exclude", ["easy-search", "v.npy", "db", "x.tsv", "--recall", "0.9", "--ef", "4"]),
            ("--nprobe and --ef exclude", ["db", "check", "db", "--nprobe", "4", "--ef", "4"]),
            ("--storage wants", ["createdb", "--vectors", "v.npy", "x", "--storage", "float16"]),
            ("--rows-per-cell wants", ["createdb", "--vectors", "v.npy", "x", "--rows-per-cell", "0"]),
            ("--rows-per-cell has no meaning", ["createdb", "--vectors", "v.npy", "x", "--index", "exact", "--rows-per-cell", "8"]),
        })
        {
            Assert.Empty(ClssProcess.Run(folder, arguments).ShouldFail(2, expected).Output);
        }

        Assert.False(Path.Exists(folder.File("x")) || Path.Exists(folder.File("x.tsv")));
        File.WriteAllBytes(folder.File("narrow.npy"), Npy(4, 8));
        ClssProcess.Run(folder, "db", "check", "db", "--queries", "narrow.npy").ShouldFail(1, "8 numbers");
    }

    private const int Rows = 1500;

    private static void MakeDatabase(TemporaryFolder folder, params string[] options)
    {
        File.WriteAllBytes(folder.File("v.npy"), Npy(Rows, 32));
        ClssProcess.Run(folder, ["createdb", "--vectors", "v.npy", "db", .. options]).ShouldSucceed();
    }

    private static string[] Search(TemporaryFolder folder, params string[] options) =>
        ClssProcess.Run(folder, ["search", "v.npy", "db", "-", "-k", "3", .. options]).ShouldSucceed().Output.Split('\n');

    /// <summary>Random vectors as a NumPy file.</summary>
    private static byte[] Npy(int rows, int columns)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".PadRight(117) + "\n";
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)];
    }
}

using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class EvaluateTests
{
    private static readonly string[] Pairs = ["seq>seq", "str>str", "seq>str", "str>seq", "seg>str"];

    [Fact]
    public void Evaluate_AFolder_LeavesFiguresTableAndManifest()
    {
        using var folder = new TemporaryFolder();
        WriteDomains(folder, "set", domains: 12);
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "evaluate", "set", "--model", "clss-mini", "-o", "out.json").ShouldSucceed();
        Assert.Empty(outcome.Output);
        Assert.Contains("12 domains, 360 residues", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("same superfamily", outcome.Error, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder.File("out.json")));
        Assert.Equal("clss.evaluation.v1", json.RootElement.GetProperty("schema").GetString());
        Assert.Equal(Pairs, json.RootElement.GetProperty("retrieval").EnumerateObject().Select(pair => pair.Name));
        foreach (JsonProperty pair in json.RootElement.GetProperty("retrieval").EnumerateObject())
        {
            Assert.Equal(12, pair.Value.GetProperty("queries").GetInt32());
            foreach (string figure in (string[])["superfamily_r1", "fold_r1", "fold_r1_own_superfamily_removed"])
            {
                Assert.InRange(pair.Value.GetProperty(figure).GetDouble(), 0, 1);
            }
        }

        Assert.Equal(["seq>str", "str>seq", "seg>str"], json.RootElement.GetProperty("partner").EnumerateObject().Select(pair => pair.Name));
        Assert.InRange(json.RootElement.GetProperty("partner").GetProperty("seq>str").GetProperty("r10").GetDouble(), 0, 1);
        Assert.True(json.RootElement.GetProperty("partner").GetProperty("seq>str").TryGetProperty("r1", out _));

        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(folder.File("out.json.manifest.json")));
        Assert.Equal("evaluate", manifest.RootElement.GetProperty("command").GetString());
        Assert.Equal(12, manifest.RootElement.GetProperty("counts").GetProperty("domains").GetInt32());

        ClssProcess.Outcome piped = ClssProcess.Run(folder, "evaluate", "set", "-o", "-", "--json", "--threads", "1").ShouldSucceed();
        Assert.Equal(File.ReadAllText(folder.File("out.json")), piped.Output);
        Assert.DoesNotContain("same superfamily", piped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_WithoutStructureTower_MeasuresSequencesAndSaysSo()
    {
        string model = Repository.SharedPath("models", "clss-mini");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("sequences-only"));
        foreach (string name in (string[])["config.json", "clss.safetensors"])
        {
            File.Copy(Path.Combine(model, name), folder.File("sequences-only", name));
        }

        WriteDomains(folder, "set", domains: 4);
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "evaluate", "set", "--model", "sequences-only", "-o", "out.json").ShouldSucceed();
        Assert.Contains("only sequence against sequence is measured", outcome.Error, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder.File("out.json")));
        Assert.Equal("seq>seq", Assert.Single(json.RootElement.GetProperty("retrieval").EnumerateObject()).Name);
    }

    [Fact]
    public void Evaluate_OfWhatIsNone_FailsAndKeepsTheOldResult()
    {
        using var folder = new TemporaryFolder();
        WriteDomains(folder, "set", domains: 4);
        folder.Write("out.json", "old");
        ClssProcess.Run(folder, "evaluate", "set").ShouldFail(2, "-o");
        ClssProcess.Run(folder, "evaluate", "nowhere", "-o", "out.json").ShouldFail(1, "no such folder");
        folder.Write(Path.Combine("set", "second.tsv"), "");
        ClssProcess.Run(folder, "evaluate", "set", "-o", "out.json").ShouldFail(1, "2 files are named *.tsv");
        Assert.Equal("old", File.ReadAllText(folder.File("out.json")));
    }

    /// <summary>Random proteins of 30 residues on ideal helices of different pitch: two superfamilies in each fold.</summary>
    private static void WriteDomains(TemporaryFolder folder, string name, int domains)
    {
        const int length = 30;
        Directory.CreateDirectory(folder.File(name));
        var random = new Random(4);
        var table = new StringBuilder("id\tsccs\tfold\tsuperfamily\tresolved\tfirst_residue\tresolved_seq\n");
        using var gzip = new GZipStream(File.Create(folder.File(name, "set.coords.bin.gz")), CompressionLevel.Fastest);
        using var writer = new BinaryWriter(gzip);
        for (int domain = 0; domain < domains; domain++)
        {
            string fold = $"a.{(domain / 4) + 1}";
            string superfamily = $"{fold}.{(domain / 2 % 2) + 1}";
            string sequence = string.Concat(Enumerable.Range(0, length).Select(_ => "ACDEFGHIKLMNPQRSTVWY"[random.Next(20)]));
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"d{domain}\t{superfamily}.1\t{fold}\t{superfamily}\t{length}\t{length * domain}\t{sequence}\n");
            for (int i = 0; i < length * 4; i++)
            {
                double turn = (100 + (domain * 5)) * Math.PI / 180 * i / 4;
                writer.Write((short)(200 * Math.Cos(turn)));
                writer.Write((short)(200 * Math.Sin(turn)));
                writer.Write((short)(150.0 * i / 4));
            }
        }

        folder.Write(Path.Combine(name, "set.tsv"), table.ToString());
    }
}

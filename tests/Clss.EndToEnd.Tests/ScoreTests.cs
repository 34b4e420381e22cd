using System.Globalization;
using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class ScoreTests
{
    private static readonly string[] Columns = ["query", "target", "query_modality", "target_modality", "similarity"];

    [Fact]
    public void Score_TwoFastaFiles_GivesEveryPair()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.fasta", Proteins.Three);
        string[][] rows = Rows(ClssProcess.Run(folder, "score", "a.fasta", "a.fasta").ShouldSucceed().Output);
        Assert.Equal(Columns, rows[0]);
        string[] names = ["P69905", "ubiquitin", "d193la_"];
        Assert.Equal(names.SelectMany(a => names.Select(b => (a, b))), rows.Skip(1).Select(row => (row[0], row[1])));
        Assert.All(rows.Skip(1), row => Assert.Equal(("sequence", "sequence"), (row[2], row[3])));
        Assert.All(rows.Skip(1).Where(row => row[0] == row[1]), row => Assert.Equal(1f, Similarity(row), 1e-5f));

        // The same numbers as JSON lines, from standard input and from databases.
        ClssProcess.Run(folder, "createdb", "a.fasta", "db").ShouldSucceed();
        string piped = ClssProcess.RunWithInput(folder, Proteins.Three, "score", "-", "db", "--json").ShouldSucceed().Output;
        JsonElement[] lines = [.. piped.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(rows.Skip(1).Select(row => row[1]).Order(), lines.Select(line => line.GetProperty("target").GetString()!).Order());
        Assert.All(lines, line => Assert.Equal("clss.score.v1", line.GetProperty("schema").GetString()));
        foreach (string[] row in Rows(ClssProcess.Run(folder, "score", "db", "db").ShouldSucceed().Output).Skip(1))
        {
            string[] same = rows.Single(other => other[0] == row[0] && other[1] == row[1]);
            Assert.Equal(Similarity(same), Similarity(row), 1e-5f);
        }
    }

    [Fact]
    public void Score_AStructure_GivesEveryPairOfModalities()
    {
        string structure = Repository.SharedPath("data", "structures", "mmcif", "1CRN.cif");
        using var folder = new TemporaryFolder();
        folder.Write("a.fasta", Proteins.Three);
        string[][] rows = Rows(ClssProcess.Run(folder, "score", structure + ":A/1-20", structure).ShouldSucceed().Output);
        Assert.Equal(
            [("sequence", "sequence"), ("sequence", "structure"), ("structure", "sequence"), ("structure", "structure")],
            rows.Skip(1).Select(row => (row[2], row[3])));
        Assert.All(rows.Skip(1), row => Assert.InRange(Similarity(row), -1f, 1f));
        string[][] mixed = Rows(ClssProcess.Run(folder, "score", "a.fasta", structure).ShouldSucceed().Output);
        Assert.Equal(1 + (3 * 2), mixed.Length);
    }

    [Fact]
    public void Score_OfWhatIsNone_FailsWithoutOutput()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.fasta", Proteins.Three);
        folder.Write("empty.fasta", ">nothing\n");
        foreach ((int status, string expected, string a, string b) in ((int, string, string, string)[])
            [(2, "named twice", "-", "-"), (1, "nowhere", "nowhere", "a.fasta"), (1, "nowhere", "a.fasta", "nowhere"), (1, "empty.fasta", "empty.fasta", "a.fasta")])
        {
            Assert.Empty(ClssProcess.Run(folder, "score", a, b).ShouldFail(status, expected).Output);
        }

        ClssProcess.Run(folder, "score", "a.fasta").ShouldFail(2, "See 'clss score --help'");
    }

    private static string[][] Rows(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];

    private static float Similarity(string[] row) => float.Parse(row[4], CultureInfo.InvariantCulture);
}

using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class StructureTests
{
    private static readonly string[] Residues = ["ALA", "LEU", "GLU", "LYS", "VAL", "SER", "GLY", "ILE"];

    [Fact]
    public void Structures_AndSequences_FindEachOther()
    {
        using var folder = new TemporaryFolder();
        WriteModels(folder);
        ClssProcess.Run(folder, "createdb", "models", "db").ShouldSucceed();
        Assert.Contains("\"partitions\":{\"sequence\":3,\"structure\":3}", ClssProcess.Run(folder, "db", "info", "db", "--json").ShouldSucceed().Output, StringComparison.Ordinal);

        // Structure to structure: each finds itself; the modalities are named.
        ClssProcess.Run(folder, "search", "models", "db", "structures.tsv", "-k", "1", "--target-modality", "structure").ShouldSucceed();
        string[][] rows = SearchTests.Columns(folder.File("structures.tsv"), "query", "target", "query_modality", "target_modality");
        Assert.Equal(3, rows.Length - 1);
        Assert.All(rows.Skip(1), row => Assert.Equal([row[0], row[0], "structure", "structure"], row));

        // By sequence into structures and back.
        folder.Write("helix.fasta", $">query\n{Sequence(40)}\n");
        string across = ClssProcess.Run(folder, "search", "helix.fasta", "db", "-", "-k", "3", "--target-modality", "structure").ShouldSucceed().Output;
        Assert.Equal(4, across.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        ClssProcess.Run(folder, "search", "models/helix.pdb", "db", "back.tsv", "-k", "1", "--modality", "sequence", "--target-modality", "sequence").ShouldSucceed();
        Assert.Equal(["helix", "helix", "1"], SearchTests.Columns(folder.File("back.tsv"), "query", "target", "similarity")[1]);
        ClssProcess.Run(folder, "search", "models/helix.pdb", "db", "cross.tsv", "--target-modality", "sequence").ShouldSucceed();
        Assert.All(SearchTests.Columns(folder.File("cross.tsv"), "query_modality", "target_modality").Skip(1), row => Assert.Equal(["structure", "sequence"], row));
    }

    [Fact]
    public void Selection_Archive_AndEasySearch_GiveTheSameVectors()
    {
        using var folder = new TemporaryFolder();
        WriteModels(folder);
        using (var tar = new TarWriter(File.Create(folder.File("models.tar"))))
        {
            foreach (string model in Directory.EnumerateFiles(folder.File("models")).Order(StringComparer.Ordinal))
            {
                tar.WriteEntry(model, Path.GetFileName(model));
            }
        }

        ClssProcess.Run(folder, "embed", "models", "folder.npy").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "models.tar", "tar.npy").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("folder.npy")), File.ReadAllBytes(folder.File("tar.npy")));
        Assert.All(SearchTests.Columns(folder.File("folder.ids.tsv"), "modality").Skip(1), row => Assert.Equal("structure", row[0]));

        ClssProcess.Run(folder, "embed", "models/helix.pdb:A/1-40", "all.npy").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "models/helix.pdb", "whole.npy").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "models/helix.pdb:A/5-20", "part.npy").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("whole.npy")), File.ReadAllBytes(folder.File("all.npy")));
        Assert.NotEqual(File.ReadAllBytes(folder.File("whole.npy")), File.ReadAllBytes(folder.File("part.npy")));
        Assert.Equal("16", SearchTests.Columns(folder.File("part.ids.tsv"), "length")[1][0]);

        ClssProcess.Run(folder, "createdb", "models", "db").ShouldSucceed();
        ClssProcess.Run(folder, "search", "models/helix.pdb:Z", "db", "none.tsv").ShouldFail(1, "No query could be taken");
        Assert.False(File.Exists(folder.File("none.tsv")));
        ClssProcess.Run(folder, "easy-search", "models/strand.pdb", "models.tar", "easy.tsv", "-k", "2").ShouldSucceed();
        Assert.Equal("strand", SearchTests.Columns(folder.File("easy.tsv"), "target")[1][0]);
    }

    [Fact]
    public void Embed_Modality_IsChosen()
    {
        using var folder = new TemporaryFolder();
        WriteModels(folder);
        folder.Write("q.fasta", $">helix\n{Sequence(40)}\n>strand\n{Sequence(30)}\n>long\n{Sequence(60)}\n");
        ClssProcess.Run(folder, "embed", "models", "sequences.npy", "--modality", "sequence").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "models/helix.pdb", "models/long.pdb", "models/strand.pdb", "again.npy", "--modality", "sequence").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("sequences.npy")), File.ReadAllBytes(folder.File("again.npy")));
        ClssProcess.Run(folder, "embed", "models", "pooled.npy", "--no-adapter").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "q.fasta", "models", "mixed.npy").ShouldFail(1, "say which");
        ClssProcess.Run(folder, "embed", "q.fasta", "x.npy", "--modality", "structure").ShouldFail(1, "no coordinates");
        ClssProcess.Run(folder, "createdb", "models", "q.fasta", "both", "--modality", "structure").ShouldSucceed();
        Assert.Equal(3, File.ReadAllLines(folder.File("both_skipped.tsv")).Length - 1);
    }

    [Fact]
    public void RealFiles_Structures_GiveRowsAndReasons()
    {
        string real = Repository.SharedPath("data", "structures", "mmcif");
        using var folder = new TemporaryFolder();
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "createdb", real, "db").ShouldSucceed();
        Assert.Contains("skipped", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("no protein", File.ReadAllText(folder.File("db_skipped.tsv")), StringComparison.Ordinal); // DNA, small molecules
        ClssProcess.Run(folder, "search", Path.Combine(real, "1tim.cif.gz") + ":A", "db", "hits.tsv", "-k", "2", "--target-modality", "structure").ShouldSucceed();
        Assert.Equal(["1tim_A", "1tim_B"], SearchTests.Columns(folder.File("hits.tsv"), "target").Skip(1).Select(row => row[0]));
        ClssProcess.Run(folder, "db", "verify", "db").ShouldSucceed();
    }

    /// <summary>An ideal helix, an extended strand and a longer helix, as PDB files.</summary>
    private static void WriteModels(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder.File("models"));
        folder.Write(Path.Combine("models", "helix.pdb"), Pdb(40, rise: 1.5, turn: 100, radius: 2.3));
        folder.Write(Path.Combine("models", "strand.pdb"), Pdb(30, rise: 3.3, turn: 180, radius: 0.9));
        folder.Write(Path.Combine("models", "long.pdb"), Pdb(60, rise: 1.5, turn: 100, radius: 2.3));
    }

    private static string Sequence(int length) => string.Concat(Enumerable.Range(0, length).Select(i => "ALEKVSGI"[i % Residues.Length]));

    internal static string Pdb(int length, double rise, double turn, double radius)
    {
        var text = new StringBuilder();
        int serial = 0;
        for (int i = 0; i < length; i++)
        {
            foreach ((string name, double shift, double share) in ((string, double, double)[])[("N", -0.33, 0.7), ("CA", 0, 1), ("C", 0.33, 0.75)])
            {
                double angle = (i + shift) * turn * Math.PI / 180;
                text.Append(CultureInfo.InvariantCulture,
                    $"ATOM  {++serial,5}  {name,-3} {Residues[i % Residues.Length]} A{i + 1,4}    {radius * share * Math.Cos(angle),8:0.000}{radius * share * Math.Sin(angle),8:0.000}{(i + shift) * rise,8:0.000}  1.00  0.00           {name[0]}\n");
            }
        }

        return text.Append("END\n").ToString();
    }
}

using System.Text;
using Clss.Ingest.Structures;
using Clss.Ingest.Tests.Archives;
using Clss.Testing;

namespace Clss.Ingest.Tests.Structures;

public class StructureInputTests
{
    private static readonly string Small = new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("SER", 3, 2).ToString();

    [Fact]
    public void Open_FolderGlobListAndSelection_FindFilesInOrder()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("sub"));
        folder.Write("b.pdb", Small);
        folder.Write("a.ent", Small);
        folder.Write("notes.txt", "no structure");
        folder.Write("LICENSE", "no structure either");
        folder.Write(Path.Combine("sub", "d1abca_"), Small);
        File.WriteAllBytes(folder.File("c.cif.gz"), ArchiveTests.Gzip(Encoding.ASCII.GetBytes(Small)));
        Assert.Equal(["a", "b", "c", "d1abca_"], Keys(folder.Path));
        Assert.Equal(["b"], Keys(folder.File("*.pdb")));
        Assert.Equal(["b/2-3"], Keys(folder.File("b.pdb:A/2-3")));
        Assert.Equal(["b/2-3"], Keys(folder.File("b.pdb") + ":A:2-3"));
        string list = folder.Write("list.txt", $"# comment\n{folder.File("b.pdb")}\n\n{folder.File("a.ent")}:A/1-2\n");
        Assert.Equal(["b", "a/1-2"], Keys("@" + list));
    }

    [Theory]
    [InlineData("nothing.pdb", "no such file")]
    [InlineData("*.nothing", "no file has such a name")]
    [InlineData("", "empty name")]
    public void Open_NameThatLeadsNowhere_IsAnError(string name, string part) =>
        Assert.Contains(part, Assert.Throws<ClssIngestException>(() => StructureInput.Open([name])).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_BadSelection_IsAnErrorBeforeAnythingIsRead()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("b.pdb", Small);
        Assert.Contains("no residue range", Assert.Throws<ClssIngestException>(() => StructureInput.Open([path + ":A/x-y"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BrokenFile_ThrowsAloneAndIsARejectionAmongOthers()
    {
        using var folder = new TemporaryFolder();
        string bad = folder.Write("bad.pdb", "nonsense");
        string good = folder.Write("good.pdb", Small);
        Assert.Throws<StructureFormatException>(() => StructureInput.Open([bad]).Read().ToArray());
        StructureItem[] items = [.. StructureInput.Open([bad, good]).Read()];
        Assert.Equal((bad, StructureRejectionReasons.UnreadableStructure), (items[0].Rejected!.Source, items[0].Rejected!.Reason));
        Assert.Equal("good", items[1].Chain!.Key);
    }

    [Fact]
    public void Read_StandardInput_TakesEveryFormAndOnlyOnce()
    {
        foreach (byte[] bytes in new[] { Encoding.ASCII.GetBytes(Small), ArchiveTests.Gzip(Encoding.ASCII.GetBytes(Small)), [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Small)] })
        {
            var input = StructureInput.Open(["-"], standardInput: new MemoryStream(bytes));
            Assert.Null(input.TotalBytes);
            Assert.Equal("stdin", input.Read().Single().Chain!.Key);
            Assert.Throws<ClssIngestException>(() => input.Read().ToArray());
        }
    }

    [Fact]
    public async Task Read_NamedPipe_IsReadForward()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Named pipes in the file system are a Unix matter.");
        using var folder = new TemporaryFolder();
        string pipe = folder.File("x.pdb");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }

        Task writer = Task.Run(() => File.AppendAllText(pipe, Small), TestContext.Current.CancellationToken);
        Assert.Equal("x/2-2", Assert.Single(StructureInput.Open([pipe + ":A/2-2"]).Read()).Chain!.Key);
        await writer;
    }

    [Fact]
    public void Read_Ensemble_TakesTheFirstModelAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("nmr.pdb", $"MODEL        3\n{Small}ENDMDL\nMODEL        4\n{Small}ENDMDL\n");
        StructureItem[] items = [.. StructureInput.Open([path]).Read()];
        Assert.Equal(("nmr", 3), (items[0].Chain!.Key, items[0].Chain!.ModelNumber));
        Assert.Equal("2 models: the first (model 3) was read.", items[1].Note!.Text);
        Assert.Equal("nmr@4", Assert.Single(StructureInput.Open([path + ":A@4"]).Read()).Chain!.Key);
    }

    [Theory]
    [InlineData("AF-P00533-F1-model_v4.cif.gz", "AF-P00533-F1", "P00533", 4)]
    [InlineData("x/AF-A0A0A7EPL0-F12-model_v6.pdb", "AF-A0A0A7EPL0-F12", "A0A0A7EPL0", 6)]
    [InlineData("AF-P00533-2-F1-model_v4.pdb", "AF-P00533-2-F1", "P00533", 4)]
    [InlineData("AF-A0A000-F1-model_v4_TED01.pdb", "AF-A0A000-F1-model_v4_TED01", "", 0)]
    [InlineData("pdb1abc.ent.gz", "1abc", "", 0)]
    [InlineData("2n2k-assembly1.cif", "2n2k-assembly1", "", 0)]
    [InlineData("003974938.pdb", "003974938", "", 0)]
    [InlineData("d1asha_", "d1asha_", "", 0)]
    [InlineData(".pdb", ".pdb", "", 0)]
    public void FileName_Form_GivesKeyAccessionAndVersion(string source, string key, string accession, int version)
    {
        var name = StructureFileName.Parse(source);
        Assert.Equal((key, accession, version), (name.Key, name.UniProtAccession, name.ModelVersion));
    }

    private static IEnumerable<string> Keys(params string[] inputs) => StructureInput.Open(inputs).Read().Select(item => item.Chain!.Key);
}

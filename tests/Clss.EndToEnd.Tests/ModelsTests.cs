using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class ModelsTests
{
    [Fact]
    public void ImportedCheckpoint_Embeds_AsTheCheckpointItself()
    {
        string checkpoint = Repository.SharedPath("golden", "clss-tiny.lckpt");
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "embed", "q.fasta", "direct.npy", "--model", checkpoint).ShouldSucceed();
        ClssProcess.Run(folder, "models", "import", checkpoint, "--name", "tiny").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "q.fasta", "imported.npy", "--model", "tiny").ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("direct.npy")), File.ReadAllBytes(folder.File("imported.npy")));

        Assert.Contains("tiny\tinstalled", ClssProcess.Run(folder, "models", "list").ShouldSucceed().Output, StringComparison.Ordinal);
        string direct = ClssProcess.Run(folder, "models", "info", checkpoint).ShouldSucceed().Output;
        string imported = ClssProcess.Run(folder, "models", "info", "tiny").ShouldSucceed().Output;
        Assert.Equal(Fingerprint(direct), Fingerprint(imported));
        ClssProcess.Run(folder, "models", "import", checkpoint, "--name", "tiny").ShouldFail(1, "exists");
        ClssProcess.Run(folder, "models", "import", checkpoint, "half", "--dtype", "bf16").ShouldSucceed();
        ClssProcess.Run(folder, "models", "verify").ShouldSucceed();

        string weights = Directory.EnumerateFiles(folder.File("clss-home", "models", "tiny"), "*.safetensors").Single();
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^100] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.Contains("damaged", ClssProcess.Run(folder, "models", "verify", "tiny").ShouldFail(1, "").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void NoAdapter_HuggingFaceFolder_GivesPooledEmbeddings()
    {
        string esm = Repository.SharedPath("golden", "esm2-tiny");
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "embed", "q.fasta", "x.npy", "--model", esm).ShouldFail(2, "--no-adapter");
        ClssProcess.Run(folder, "createdb", "q.fasta", "db", "--model", esm).ShouldFail(2, "no adapter");
        ClssProcess.Run(folder, "embed", "q.fasta", "x.npy", "--model", esm, "--no-adapter").ShouldSucceed();
        using (var array = Clss.Ingest.Formats.Numpy.NpyReader.Open(folder.File("x.npy")))
        {
            Assert.Equal((3, 40), ((int)array.Rows, array.Columns));
        }

        Assert.Equal(["row\tid\tmodality\tlength", "0\tP69905\tsequence\t141", "1\tubiquitin\tsequence\t76", "2\td193la_\tsequence\t129"], File.ReadAllLines(folder.File("x.ids.tsv")));
    }

    [Fact]
    public void NoAdapter_StructureFolder_GivesTheGoldenEmbedding()
    {
        string esm3 = Repository.SharedPath("golden", "esm3-tiny");
        string pdb = Repository.SharedPath("golden", "pdb", "e1r3hG1.pdb");
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "embed", pdb, "x.npy", "--model", esm3, "--no-adapter", "--policy", "reference").ShouldSucceed();
        using var array = Clss.Ingest.Formats.Numpy.NpyReader.Open(folder.File("x.npy"));
        float[] embedded = new float[array.Columns];
        Assert.Equal(1, array.ReadRows(embedded));
        using var golden = Clss.Embedder.Weights.SafetensorsFile.Open(Repository.SharedPath("golden", "esm3-tiny.golden.safetensors"));
        float[] expected = new float[embedded.Length];
        golden.Read("e1r3hG1.mean_embedding", expected);
        Assert.All(expected.Zip(embedded), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

        ClssProcess.Run(folder, "embed", pdb, "x.npy", "--model", esm3).ShouldFail(2, "--no-adapter");
        ClssProcess.Run(folder, "embed", "q.fasta", "y.npy", "--model", esm3, "--no-adapter").ShouldFail(1, "no sequence tower");
        ClssProcess.Run(folder, "createdb", pdb, "db", "--model", Repository.SharedPath("golden", "clss-tiny.lckpt")).ShouldFail(1, "clss models get structure");
    }

    [Fact]
    public void BuiltIn_IsListedAndDescribed()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("clss-mini\tbuilt in", ClssProcess.Run(folder, "models", "list").ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("CLSS-sub\tnot installed", ClssProcess.Run(folder, "models", "list").ShouldSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("sha256:", ClssProcess.Run(folder, "models", "info", "clss-mini").ShouldSucceed().Output, StringComparison.Ordinal);
        ClssProcess.Run(folder, "models", "get", "CLSS-sub", "--offline").ShouldFail(1, "offline");
        ClssProcess.Run(folder, "models", "get", "CLSS-sup").ShouldFail(1, "CLSS-sub");
    }

    private static string Fingerprint(string info) => info.Split('\n').Single(line => line.StartsWith("fingerprint", StringComparison.Ordinal));
}

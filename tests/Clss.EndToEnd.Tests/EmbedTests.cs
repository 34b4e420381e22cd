using System.Globalization;
using Clss.Embedder.Weights;
using Clss.Ingest.Formats.Numpy;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class EmbedTests
{
    [Fact]
    public void Forms_HoldTheSameNumbers()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        foreach (string form in (string[])["v.npy", "t.tsv", "s.safetensors"])
        {
            ClssProcess.Run(folder, "embed", "q.fasta", form).ShouldSucceed();
            Assert.True(File.Exists(folder.File(form + ".manifest.json")));
        }

        float[] expected = ReadArray(folder.File("v.npy"), out int columns);
        string[][] table = SearchTests.Table(folder.File("t.tsv"));
        Assert.Equal(["id", "v1"], table[0][..2]);
        Assert.Equal(["P69905", "ubiquitin", "d193la_"], table.Skip(1).Select(row => row[0]));
        Assert.Equal(expected, table.Skip(1).SelectMany(row => row.Skip(1)).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)));
        using SafetensorsFile tensors = SafetensorsFile.Open(folder.File("s.safetensors"));
        float[] read = new float[expected.Length];
        tensors.Read("vectors", read);
        Assert.Equal([3L, columns], tensors.Tensors["vectors"].Shape);
        Assert.Equal(expected, read);
        Assert.Equal(File.ReadAllText(folder.File("v.ids.tsv")), File.ReadAllText(folder.File("t.ids.tsv")));
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*.partial*"));
    }

    [Fact]
    public void PerResidue_AveragedOverAllTokens_IsNearThePooledEmbedding()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three + Proteins.Three.Split('>')[2].Insert(0, ">"));
        ClssProcess.Run(folder, "embed", "q.fasta", "r.safetensors", "--per-residue").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "q.fasta", "r.npy", "--per-residue").ShouldSucceed();
        ClssProcess.Run(folder, "embed", "q.fasta", "pooled.npy", "--no-adapter").ShouldSucceed();

        using SafetensorsFile tensors = SafetensorsFile.Open(folder.File("r.safetensors"));
        float[] pooled = ReadArray(folder.File("pooled.npy"), out int columns);
        Assert.Equal(["P69905", "d193la_", "ubiquitin", "ubiquitin#2"], tensors.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([76L, columns], tensors.Tensors["ubiquitin"].Shape);
        float[] rows = new float[141 * columns];
        tensors.Read("P69905", rows);

        // The pooled embedding has two rows more, begin and end: the mean of the residues is close to it, not equal.
        double dot = 0, a = 0, b = 0;
        for (int i = 0; i < columns; i++)
        {
            double mean = Enumerable.Range(0, 141).Average(residue => rows[(residue * columns) + i]);
            (dot, a, b) = (dot + (mean * pooled[i]), a + (mean * mean), b + (pooled[i] * (double)pooled[i]));
        }

        Assert.InRange(dot / Math.Sqrt(a * b), 0.98, 1.0);
        Assert.Equal(rows, ReadArray(folder.File("r.npy"), out _)[..rows.Length]);
        Assert.Equal(["0\tP69905\tsequence\t141", "141\tubiquitin\tsequence\t76"], File.ReadAllLines(folder.File("r.ids.tsv"))[1..3]);
    }

    [Fact]
    public void UnknownForm_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        ClssProcess.Run(folder, "embed", "q.fasta", "v.h5").ShouldFail(2, ".npy, .tsv, .safetensors");
    }

    private static float[] ReadArray(string path, out int columns)
    {
        using NpyReader reader = NpyReader.Open(path);
        columns = reader.Columns;
        float[] values = new float[reader.Rows * reader.Columns];
        Assert.Equal(reader.Rows, reader.ReadRows(values));
        return values;
    }
}

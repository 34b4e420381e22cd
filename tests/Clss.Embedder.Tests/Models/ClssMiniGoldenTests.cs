using System.Diagnostics;
using Clss.Embedder.Inputs;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

/// <summary>clss-mini against the vectors that came with it.</summary>
public class ClssMiniGoldenTests
{
    private const double Tolerance = 1e-5;

    private readonly DifferenceTable _table = new("clss-mini");

    [Fact]
    public void Vectors_OfAllDomains_EqualGolden()
    {
        string folder = Repository.SharedPath("models", "clss-mini");
        (string Id, string Sequence)[] domains = ReadDomains();
        using ClssEmbedder embedder = ClssEmbedder.Load(folder);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(folder, "vectors-scope40-dev.safetensors"));
        WeightScope expected = new(golden);

        Compare("sequence", [.. domains.Select(domain => new ProteinSequence(domain.Sequence))]);
        Compare("middle_half", [.. domains.Select(domain => new ProteinSequence(MiddleHalf(domain.Sequence)))]);
        _table.PrintAndAssert();

        void Compare(string name, ProteinSequence[] sequences)
        {
            float[] vectors = new float[sequences.Length * embedder.Dimension];
            long start = Stopwatch.GetTimestamp();
            embedder.EmbedBatch(sequences, vectors);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            long residues = sequences.Sum(sequence => (long)sequence.Residues.Length);
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {residues} residues in {seconds:F2} s, {residues / seconds:F0} residues/s");
            _table.Compare(name, Tolerance, expected.Read(name), vectors, "all domains");
        }
    }

    [Fact]
    public void PooledAndVector_OfGoldenDomains_EqualGolden()
    {
        string folder = Repository.SharedPath("models", "clss-mini");
        Dictionary<string, string> domains = ReadDomains().ToDictionary(domain => domain.Id, domain => domain.Sequence);
        using ClssEmbedder embedder = ClssEmbedder.Load(folder);
        using SafetensorsFile golden = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        WeightScope expected = new(golden);
        foreach (string name in golden.Tensors.Keys.Where(name => name.EndsWith(".sequence_pooled", StringComparison.Ordinal)))
        {
            string id = name[..^".sequence_pooled".Length];
            float[] pooled = new float[embedder.PooledDimension];
            embedder.PoolBatch([new ProteinSequence(domains[id])], pooled);
            _table.Compare("sequence_pooled", Tolerance, expected.Read(name), pooled, id);
            _table.Compare("sequence_vector", Tolerance, expected.Read($"{id}.sequence_vector"), embedder.Embed(new ProteinSequence(domains[id])).Vector.Span, id);
        }

        _table.PrintAndAssert();
    }

    private static string MiddleHalf(string sequence)
    {
        const int shortest = 10;
        int length = Math.Max(shortest, sequence.Length / 2);
        return sequence.Substring((sequence.Length - length) / 2, length);
    }

    private static (string Id, string Sequence)[] ReadDomains()
    {
        string[] lines = File.ReadAllLines(Repository.SharedPath("data", "domains-scope40", "scope40-dev.tsv"));
        int column = Array.IndexOf(lines[0].Split('\t'), "resolved_seq");
        return [.. lines.Skip(1).Select(line => line.Split('\t')).Select(fields => (fields[0], fields[column]))];
    }
}

using System.Text.Json;
using Clss.Embedder;
using Clss.Embedder.Weights;
using Clss.Query.Evaluation;
using Clss.Testing;

namespace Clss.Query.Tests.Evaluation;

public sealed class ModelEvaluationTests : IDisposable
{
    private const double FigureTolerance = 0.002;
    private const float VectorTolerance = 1e-5f;

    // Domains of the reference set that are embedded here; all 4,664 take minutes.
    private const int Sampled = 96;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Compare_OfReferenceVectors_GivesTheReferenceFigures()
    {
        LabelledDomains domains = LabelledDomains.Read(Repository.SharedPath("data", "domains-scope40"));
        using SafetensorsFile file = SafetensorsFile.Open(Repository.SharedPath("models", "clss-mini", "vectors-scope40-dev.safetensors"));
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Repository.SharedPath("models", "clss-mini", "retrieval-scope40-dev.json")));
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 });
        var vectors = new DomainVectors
        {
            Dimension = (int)file.Find("sequence").Shape[1],
            Sequences = Read(file, "sequence"),
            Structures = Read(file, "structure"),
            MiddleHalves = Read(file, "middle_half"),
        };
        EvaluationReport report = new ModelEvaluation(embedder).Compare(domains, vectors, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected.RootElement.GetProperty("domains").GetInt32(), report.Domains);
        using JsonDocument found = Write(report);
        int compared = 0;
        foreach (string part in (string[])["retrieval", "partner"])
        {
            foreach (JsonProperty pair in expected.RootElement.GetProperty(part).EnumerateObject())
            {
                foreach (JsonProperty figure in pair.Value.EnumerateObject())
                {
                    double value = found.RootElement.GetProperty(part).GetProperty(pair.Name).GetProperty(figure.Name).GetDouble();
                    Assert.True(Math.Abs(value - figure.Value.GetDouble()) <= FigureTolerance, $"{part} {pair.Name} {figure.Name}: {value}, expected {figure.Value}");
                    compared++;
                }
            }
        }

        Assert.True(compared >= 31, $"only {compared} figures were compared");
    }

    [Fact]
    public void Embed_OfReferenceDomains_GivesTheReferenceVectors()
    {
        string model = Repository.SharedPath("models", "clss-mini");
        LabelledDomains all = LabelledDomains.Read(Repository.SharedPath("data", "domains-scope40"));
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(model, "vectors-scope40-dev.safetensors"));
        using ClssEmbedder embedder = ClssEmbedder.Load(model);
        int[] rows = [.. Enumerable.Range(0, Sampled).Select(i => i * all.Domains.Count / Sampled)];
        DomainVectors vectors = new ModelEvaluation(embedder).Embed(
            new LabelledDomains([.. rows.Select(row => all.Domains[row])]), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, CountFar(file, "sequence", rows, vectors.Sequences));
        Assert.Equal(0, CountFar(file, "middle_half", rows, vectors.MiddleHalves));

        // Where the two nearest codes of a residue are almost equally near, another program may choose the other one.
        Assert.InRange(CountFar(file, "structure", rows, vectors.Structures), 0, Sampled / 10);
    }

    [Fact]
    public void Run_OfASmallSet_EqualsItsParts()
    {
        string[] sequences = ["MKVLAAGIVGLLLAQWERTY", "ACDEFGHIKLMNPQRSTVWY", "MKVLAAGIVGLLLAQWERTV", "GGGGSSSSGGGGSSSSPPPP"];
        string[] labels = ["a.1.1.1", "a.1.2.1", "a.1.1.2", "b.1.1.1"];
        string table = DomainFolder.Header + "\n" + string.Concat(sequences.Select((sequence, i) => DomainFolder.Row($"d{i}", labels[i], sequence, 20 * i) + "\n"));
        LabelledDomains domains = LabelledDomains.Read(DomainFolder.Write(_folder, table, residues: 80));
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 });
        var evaluation = new ModelEvaluation(embedder);
        var progress = new Recorder();
        EvaluationReport report = evaluation.Run(domains, threads: 1, progress, TestContext.Current.CancellationToken);
        DomainVectors vectors = evaluation.Embed(domains, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(report.Pairs, evaluation.Compare(domains, vectors, cancellationToken: TestContext.Current.CancellationToken).Pairs);
        Assert.True(evaluation.HasStructures);
        Assert.Equal(["seq>seq", "str>str", "seq>str", "str>seq", "seg>str"], report.Pairs.Select(pair => pair.Name));
        Assert.Equal(new EvaluationProgress(12, 12), progress.Last);
        Assert.Equal((4, 3, 2), (report.Domains, report.Superfamilies, report.Folds));
        Assert.All(report.Pairs, pair => Assert.Equal((2, 3), (pair.Figures.Retrieval.Queries, pair.Figures.Retrieval.QueriesOwnSuperfamilyRemoved)));
        Assert.Equal(1.0, report.Pairs[0].Figures.Retrieval.SuperfamilyR1); // d0 and d2 differ in one residue
        Assert.Equal(embedder.StructureFingerprint, report.StructureTower);
        Assert.ThrowsAny<OperationCanceledException>(() => evaluation.Run(domains, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Write_OfSequencesAlone_HasNoOtherPair()
    {
        var domains = new LabelledDomains([]);
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 });
        EvaluationReport report = new ModelEvaluation(embedder).Compare(domains, new DomainVectors { Dimension = embedder.Dimension, Sequences = Array.Empty<float>() });
        using JsonDocument json = Write(report);
        JsonElement root = json.RootElement;
        Assert.Equal(EvaluationJson.Schema, root.GetProperty("schema").GetString());
        Assert.Equal(embedder.Name, root.GetProperty("model").GetString());
        Assert.Equal(embedder.Fingerprint, root.GetProperty("model_fingerprint").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("structure_fingerprint").ValueKind);
        JsonProperty pair = Assert.Single(root.GetProperty("retrieval").EnumerateObject());
        Assert.Equal("seq>seq", pair.Name);
        Assert.Equal(
            ["superfamily_r1", "fold_r1", "fold_r1_own_superfamily_removed", "queries", "queries_own_superfamily_removed"],
            pair.Value.EnumerateObject().Select(figure => figure.Name));
        Assert.Equal(JsonValueKind.Null, pair.Value.GetProperty("superfamily_r1").ValueKind);
        Assert.Empty(root.GetProperty("partner").EnumerateObject());
    }

    public void Dispose() => _folder.Dispose();

    private static JsonDocument Write(EvaluationReport report)
    {
        using var stream = new MemoryStream();
        EvaluationJson.Write(report, stream);
        return JsonDocument.Parse(stream.ToArray());
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        float[] values = new float[file.Find(name).Shape.Aggregate(1L, (product, length) => product * length)];
        file.Read(name, values);
        return values;
    }

    private static int CountFar(SafetensorsFile file, string name, int[] rows, ReadOnlyMemory<float> vectors)
    {
        float[] expected = Read(file, name);
        int dimension = vectors.Length / rows.Length;
        return Enumerable.Range(0, rows.Length).Count(i => Enumerable.Range(0, dimension)
            .Any(k => Math.Abs(vectors.Span[(i * dimension) + k] - expected[(rows[i] * dimension) + k]) > VectorTolerance));
    }

    private sealed class Recorder : IProgress<EvaluationProgress>
    {
        public EvaluationProgress Last { get; private set; }

        public void Report(EvaluationProgress value) => Last = value;
    }
}

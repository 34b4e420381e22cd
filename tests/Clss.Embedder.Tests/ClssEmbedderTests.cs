using System.Diagnostics;
using Clss.EmbedBenchmark;
using Clss.Embedder.Inputs;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Tests.Tensors;
using Clss.Testing;

namespace Clss.Embedder.Tests;

public class ClssEmbedderTests
{
    private static readonly ProteinSequence Sample = new("MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQ");

    [Fact]
    public void Embed_OfASequence_IsAUnitVector()
    {
        using ClssEmbedder embedder = LoadMini();
        Embedding embedding = embedder.Embed(Sample);
        Assert.Equal(Modality.Sequence, embedding.Modality);
        Assert.Equal(embedder.Dimension, embedding.Vector.Length);
        Assert.Equal(1, Norm(embedding.Vector.Span), 1e-6);
        Assert.True(embedder.HasAdapter);
        Assert.StartsWith("sha256:", embedder.Fingerprint, StringComparison.Ordinal);
        Assert.Equal(embedder.Description.Name, embedder.Name);
    }

    [Fact]
    public void EmbedBatch_OfMoreThanOnePart_EqualsEmbed()
    {
        using ClssEmbedder embedder = LoadMini();
        ProteinSequence[] sequences = [.. Enumerable.Range(0, 1100).Select(i => new ProteinSequence(Sample.Residues[..(i % 20)]))];
        float[] vectors = new float[sequences.Length * embedder.Dimension];
        embedder.EmbedBatch(sequences, vectors);
        for (int i = 0; i < sequences.Length; i += 67)
        {
            Assert.Equal(embedder.Embed(sequences[i]).Vector.ToArray(), vectors[(i * embedder.Dimension)..((i + 1) * embedder.Dimension)]);
        }
    }

    [Fact]
    public void EmbedBatch_OfNothing_WritesNothing()
    {
        using ClssEmbedder embedder = LoadMini();
        embedder.EmbedBatch(ReadOnlySpan<ProteinSequence>.Empty, []);
        embedder.EmbedBatch(ReadOnlySpan<Backbone>.Empty, []);
        embedder.PoolBatch(ReadOnlySpan<Backbone>.Empty, []);
        embedder.PoolBatch(ReadOnlySpan<ProteinSequence>.Empty, []);
    }

    [Fact]
    public void PoolBatch_Repeated_AllocatesNothingBig()
    {
        using var backend = new CpuTensorBackend(2);
        using ClssEmbedder embedder = LoadMini(new EmbedderOptions { Backend = new GivenBackend(backend) });
        ProteinSequence[] sequences = [.. Enumerable.Repeat(Sample, 200)];
        float[] pooled = new float[sequences.Length * embedder.PooledDimension];
        embedder.PoolBatch(sequences, pooled);
        long peak = backend.PeakActivationBytes, managed = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 3; round++)
        {
            embedder.PoolBatch(sequences, pooled);
        }

        // Token lists and small objects per operation; not the megabytes of activations.
        managed = (GC.GetAllocatedBytesForCurrentThread() - managed) / 3;
        TestContext.Current.TestOutputHelper?.WriteLine($"{managed >> 10} KiB of managed memory, {peak >> 10} KiB for activations");
        Assert.InRange(managed, 0, peak / 20);
        Assert.Equal(peak, backend.PeakActivationBytes);
    }

    [Fact]
    public void EmbedBatch_FromSeveralThreads_IsTheSame()
    {
        using ClssEmbedder embedder = LoadMini();
        float[] expected = embedder.Embed(Sample).Vector.ToArray();
        Parallel.For(0, 20, _ => Assert.Equal(expected, embedder.Embed(Sample).Vector.ToArray()));
    }

    [Fact]
    public void EmbedBatch_WhenCancelled_ThrowsAndStaysUsable()
    {
        using ClssEmbedder embedder = LoadMini();
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        float[] vector = new float[embedder.Dimension];
        Assert.Throws<OperationCanceledException>(() => embedder.EmbedBatch([Sample], vector, cancelled.Token));
        Assert.Equal(1, Norm(embedder.Embed(Sample).Vector.Span), 1e-6);
    }

    [Fact]
    public void EmbedBatch_WithWrongDestination_Fails()
    {
        using ClssEmbedder embedder = LoadMini();
        Assert.Throws<ArgumentException>(() => embedder.EmbedBatch([Sample], new float[embedder.Dimension + 1]));
        Assert.Throws<ArgumentException>(() => embedder.PoolBatch([Sample], new float[embedder.PooledDimension - 1]));
        Assert.Throws<ArgumentException>(() => embedder.EmbedBatch([default(ProteinSequence)], new float[embedder.Dimension]));
        Assert.Throws<ArgumentException>(() => embedder.ProjectPooled(Modality.Structure, new float[3], new float[embedder.Dimension]));
    }

    [Fact]
    public void Embed_AfterDispose_Fails()
    {
        ClssEmbedder embedder = LoadMini();
        embedder.Dispose();
        embedder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => embedder.Embed(Sample));
        Assert.Throws<ObjectDisposedException>(() => embedder.PoolBatch([Sample], new float[embedder.PooledDimension]));
    }

    [Fact]
    public void Load_OfEsm2WithoutAdapter_PoolsOnly()
    {
        using ClssEmbedder embedder = ClssEmbedder.Load(Repository.SharedPath("golden", "esm2-tiny"));
        Assert.False(embedder.HasAdapter);
        float[] pooled = new float[embedder.PooledDimension];
        embedder.PoolBatch([Sample], pooled);
        Assert.Contains(pooled, value => value != 0);
        string message = Assert.Throws<ClssEmbedderException>(() => embedder.Embed(Sample)).Message;
        Assert.Contains("no adapter", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfStructureFolder_PoolsStructuresOnly()
    {
        using ClssEmbedder embedder = ClssEmbedder.Load(Repository.SharedPath("golden", "esm3-tiny"));
        Assert.True(embedder.HasStructureTower);
        Assert.False(embedder.HasSequenceTower || embedder.HasAdapter || embedder.HasStructureAdapter);
        Assert.Equal(embedder.Fingerprint, embedder.StructureFingerprint);
        Backbone backbone = SyntheticBackbone.Create(new Random(1), 30);
        float[] pooled = new float[embedder.StructurePooledDimension];
        embedder.PoolBatch([backbone], pooled);
        Assert.Contains(pooled, value => value != 0);
        Assert.Equal(30, embedder.StructureTokens(backbone).Length);
        Assert.Contains("no sequence tower", Assert.Throws<ClssEmbedderException>(() => embedder.PoolBatch([Sample], [])).Message, StringComparison.Ordinal);
        Assert.Contains("no adapter", Assert.Throws<ClssEmbedderException>(() => embedder.Embed(backbone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embed_OfStructureWithoutTower_SaysHowToGetOne()
    {
        using ClssEmbedder embedder = ClssEmbedder.Load(Repository.SharedPath("golden", "clss-tiny.lckpt"));
        Assert.False(embedder.HasStructureTower);
        Assert.Null(embedder.StructureFingerprint);
        Assert.Equal(0, embedder.StructurePooledDimension);
        string message = Assert.Throws<StructureWeightsMissingException>(() => embedder.Embed(SyntheticBackbone.Create(new Random(1), 5))).Message;
        Assert.Equal(StructureWeightsMissingException.Text, message);
    }

    /// <summary>The tiny checkpoint's adapter takes the real width of 1,536; the tiny tower has 48.</summary>
    [Fact]
    public void Load_WithStructureModelOfAnotherWidth_NamesBoth()
    {
        string checkpoint = Repository.SharedPath("golden", "clss-tiny.lckpt"), tower = Repository.SharedPath("golden", "esm3-tiny");
        string message = Assert.Throws<ClssEmbedderException>(() => ClssEmbedder.Load(checkpoint, new EmbedderOptions { StructureModel = tower })).Message;
        Assert.Contains("48", message, StringComparison.Ordinal);
        Assert.Contains("1536", message, StringComparison.Ordinal);
    }

    /// <summary>A model without a tower of its own, given the tower that clss-mini brings.</summary>
    [Fact]
    public void Load_WithStructureModel_EqualsTheModelThatBringsIt()
    {
        using var folder = new TemporaryFolder();
        string mini = Repository.SharedPath("models", "clss-mini");
        foreach (string name in new[] { "config.json", "clss.safetensors" })
        {
            File.Copy(Path.Combine(mini, name), folder.File(name));
        }

        using ClssEmbedder whole = ClssEmbedder.Load(mini);
        using ClssEmbedder without = ClssEmbedder.Load(folder.Path);
        using ClssEmbedder combined = ClssEmbedder.Load(folder.Path, new EmbedderOptions { StructureModel = mini });
        Assert.False(without.HasStructureTower);
        Backbone backbone = SyntheticBackbone.Create(new Random(1), 50);
        Assert.Equal(whole.Embed(backbone).Vector.ToArray(), combined.Embed(backbone).Vector.ToArray());
        Assert.Equal(whole.StructureFingerprint, combined.StructureFingerprint);
        Assert.Equal(whole.Fingerprint, combined.Fingerprint);
    }

    [Fact]
    public void EmbedBatch_OfStructuresWhenCancelled_ThrowsAndStaysUsable()
    {
        using ClssEmbedder embedder = LoadMini();
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Backbone backbone = SyntheticBackbone.Create(new Random(1), 50);
        float[] vector = new float[embedder.Dimension];
        Assert.Throws<OperationCanceledException>(() => embedder.EmbedBatch([backbone], vector, cancelled.Token));
        Assert.Equal(1, Norm(embedder.Embed(backbone).Vector.Span), 1e-6);
        Assert.Throws<ArgumentException>(() => embedder.EmbedBatch([Backbone.FromNCaC([])], vector));
        Assert.Throws<ArgumentException>(() => embedder.EmbedBatch([backbone], new float[1]));
    }

    [Fact]
    public void ForecastStructures_OfTwiceTheWork_IsTwiceTheOperations()
    {
        using ClssEmbedder embedder = LoadMini();
        StructureForecast one = embedder.ForecastStructures([200]), two = embedder.ForecastStructures([200, 200]);
        Assert.Equal(2 * one.Operations, two.Operations, 1.0);
        Assert.True(one.Seconds > 0 && one.WeightBytes > 1 << 20 && one.WorkBytes > 0);
    }

    [Fact]
    public void LoadBuiltIn_IsTheModelOfTheFolder()
    {
        using ClssEmbedder folder = ClssEmbedder.Load(Path.Combine(Repository.Root, "src", "Clss.Embedder", "BuiltIn", "clss-mini"));
        using ClssEmbedder builtIn = LoadMini();
        Assert.Equal(folder.Fingerprint, builtIn.Fingerprint);
        Assert.Equal(folder.Embed(Sample).Vector.ToArray(), builtIn.Embed(Sample).Vector.ToArray());
    }

    [Fact]
    public void Load_OfNothing_Fails()
    {
        string message = Assert.ThrowsAny<ClssEmbedderException>(() => ClssEmbedder.Load("no-such-model")).Message;
        Assert.Contains("no-such-model", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAnotherBackend_GivesTheSameVector()
    {
        using ClssEmbedder reference = LoadMini(new EmbedderOptions { Backend = new ReferenceFactory() });
        using ClssEmbedder embedder = LoadMini();
        ReadOnlySpan<float> expected = reference.Embed(Sample).Vector.Span, actual = embedder.Embed(Sample).Vector.Span;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 3e-6f);
        }
    }

    [Fact]
    public void Embed_OfTitin_NeedsLittleMemory()
    {
        string[] lines = File.ReadAllLines(Repository.SharedPath("data", "sequences", "awkward", "titin_length_34350.fasta"));
        ProteinSequence titin = new(string.Concat(lines.Where(line => !line.StartsWith('>')).Select(line => line.Trim())));
        Assert.Equal(34_350, titin.Residues.Length);
        using var backend = new CpuTensorBackend();
        using ClssEmbedder embedder = LoadMini(new EmbedderOptions { Backend = new GivenBackend(backend) });
        long start = Stopwatch.GetTimestamp();
        Embedding embedding = embedder.Embed(titin);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"titin: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {backend.PeakActivationBytes >> 20} MiB for activations");
        Assert.Equal(1, Norm(embedding.Vector.Span), 1e-6);

        // x, queries, keys, values and their mixture, and something for chunks; one head's matrix of all pairs would be 4.7 GB.
        const int rowsOfHiddenSize = 8;
        Assert.InRange(backend.PeakActivationBytes, 1, (long)titin.Residues.Length * rowsOfHiddenSize * embedder.PooledDimension * sizeof(float));
    }

    [Fact]
    public void CpuTensorBackendFactory_TakesTheThreads()
    {
        using ITensorBackend backend = new CpuTensorBackendFactory().Create(3);
        Assert.Equal(3, Assert.IsType<CpuTensorBackend>(backend).Threads);
    }

    private static ClssEmbedder LoadMini(EmbedderOptions? options = null) => ClssEmbedder.LoadBuiltIn(options);

    private static double Norm(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
        {
            squares += value * value;
        }

        return Math.Sqrt(squares);
    }

    private sealed class GivenBackend(ITensorBackend backend) : TensorBackendFactory
    {
        public override ITensorBackend Create(int threads) => backend;
    }

    private sealed class ReferenceFactory : TensorBackendFactory
    {
        public override ITensorBackend Create(int threads) => new ReferenceTensorBackend();
    }
}

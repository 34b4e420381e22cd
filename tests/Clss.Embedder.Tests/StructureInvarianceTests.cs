using Clss.EmbedBenchmark;
using Clss.Embedder.Inputs;
using Clss.Embedder.Tests.Models;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests;

/// <summary>What must hold for any structure: independence of company and threads to the last bit, and of the place in space up to rounding.</summary>
public class StructureInvarianceTests
{
    private const int Seed = 77;

    /// <summary>Around the neighbourhood of 16, the tile, the query and key blocks, and a batch of 2,048 positions.</summary>
    private static readonly int[] Lengths = [1, 2, 3, 9, 10, 11, 15, 16, 17, 30, 31, 63, 100, 118, 119, 190, 239, 300, 2000, 2047];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EmbedBatch_InRandomBatches_IsBitEqual(int threads)
    {
        var random = new Random(Seed);
        Backbone[] backbones = [.. Lengths.Select(length => Damage(random, SyntheticBackbone.Coordinates(random, length)))];
        float[][] alone;
        using (ClssEmbedder one = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 }))
        {
            alone = [.. backbones.Select(backbone => one.Embed(backbone).Vector.ToArray())];
        }

        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = threads });
        for (int round = 0; round < 3; round++)
        {
            int[] order = [.. Enumerable.Range(0, backbones.Length)];
            random.Shuffle(order);
            order = order[..random.Next(order.Length / 2, order.Length + 1)];
            float[] vectors = new float[order.Length * embedder.Dimension];
            embedder.EmbedBatch([.. order.Select(i => backbones[i])], vectors);
            for (int i = 0; i < order.Length; i++)
            {
                Assert.True(
                    alone[order[i]].AsSpan().SequenceEqual(vectors.AsSpan(i * embedder.Dimension, embedder.Dimension)),
                    $"Seed {Seed}, round {round}: the structure of {Lengths[order[i]]} residues differs from its embedding alone.");
            }
        }
    }

    /// <summary>The bfloat16 kernels as well, on a model in that form.</summary>
    [Theory]
    [Trait("Tier", "any")]
    [InlineData(1)]
    [InlineData(3)]
    public void PoolBatch_WithBFloat16Weights_IsBitEqualAndNearFloat32(int threads)
    {
        using var folder = new TemporaryFolder();
        Esm3Config tower = new(48, 4, 8, 2);
        StructureEncoderConfig encoder = new(32, 1, 4, 2, 16, 64, 16);
        StructureFormulaWeights.WriteFolder(folder.File("narrow"), tower, encoder, WeightType.BFloat16);
        using ClssEmbedder embedder = ClssEmbedder.Load(folder.File("narrow"), new EmbedderOptions { Threads = threads });
        using ClssEmbedder one = ClssEmbedder.Load(folder.File("narrow"), new EmbedderOptions { Threads = 1 });
        var random = new Random(Seed);
        Backbone[] backbones = [.. Enumerable.Range(1, 25).Select(length => SyntheticBackbone.Create(random, length * 5))];
        float[] pooled = new float[backbones.Length * embedder.StructurePooledDimension], alone = new float[embedder.StructurePooledDimension];
        embedder.PoolBatch(backbones, pooled);
        for (int i = 0; i < backbones.Length; i++)
        {
            one.PoolBatch([backbones[i]], alone);
            Assert.Equal(alone, pooled[(i * alone.Length)..((i + 1) * alone.Length)]);
        }

        // The same rounded numbers, held as floats.
        Widen(folder.File("narrow"), folder.File("wide"));
        using ClssEmbedder wide = ClssEmbedder.Load(folder.File("wide"), new EmbedderOptions { Threads = threads });
        float[] expected = new float[pooled.Length];
        wide.PoolBatch(backbones, expected);
        Assert.Equal(expected, pooled);
        Assert.Equal(wide.Fingerprint, embedder.Fingerprint);
        Assert.Equal(wide.StructureFingerprint, embedder.StructureFingerprint);
    }

    /// <summary>Quarter turns and whole shifts of coordinates on a grid, which lose no bit: what differs is the network's own rounding.</summary>
    [Fact]
    [Trait("Tier", "any")]
    public void Embed_OfStructureMovedWithoutRounding_IsTheSame()
    {
        const float grid = 1024f;
        var random = new Random(Seed);
        CompareMoved(
            Enumerable.Range(0, 20).Select(round => SyntheticBackbone.Coordinates(random, 40 + (round * 7)).Select(value => MathF.Round(value * grid) / grid).ToArray()),
            coordinates => [.. coordinates.Chunk(3).SelectMany(atom => (float[])[atom[1] + 301, 47 - atom[0], atom[2] - 512])],
            mostChanged: 1e-3);
    }

    /// <summary>The coordinates themselves are rounded by such a motion, to some 1e-5 Å.</summary>
    [Fact]
    public void Embed_OfMovedDomain_IsTheSameUpToRounding()
    {
        DomainBackbones domains = new();
        var random = new Random(Seed);
        CompareMoved(Enumerable.Range(0, 60).Select(i => domains[i * 70].Coordinates.ToArray()), coordinates => Move(random, coordinates), mostChanged: 5e-4);
    }

    private static void CompareMoved(IEnumerable<float[]> structures, Func<float[], float[]> move, double mostChanged)
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        double worst = 0;
        int residues = 0, changed = 0, compared = 0;
        foreach (float[] coordinates in structures)
        {
            Backbone here = Backbone.FromNCaC(coordinates), there = Backbone.FromNCaC(move(coordinates));
            int[] before = embedder.StructureTokens(here), after = embedder.StructureTokens(there);
            residues += before.Length;
            int differing = before.Zip(after, (a, b) => a == b ? 0 : 1).Sum();
            changed += differing;
            if (differing == 0)
            {
                compared++;
                worst = Math.Max(worst, embedder.Embed(here).Vector.ToArray().Zip(embedder.Embed(there).Vector.ToArray(), (a, b) => Math.Abs(a - (double)b)).Max());
            }
        }

        // A token may change only where two codes are almost equally near.
        TestContext.Current.TestOutputHelper?.WriteLine($"{changed} of {residues} tokens changed, largest difference of {compared} vectors {worst:E2}");
        Assert.InRange(changed, 0, residues * mostChanged);
        Assert.InRange(worst, 0, 2e-5);
    }

    [Fact]
    public void Embed_OfReversedStructure_IsAnother()
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        float[] coordinates = SyntheticBackbone.Coordinates(new Random(Seed), 60);
        float[] reversed = [.. coordinates.Chunk(9).Reverse().SelectMany(residue => residue)];
        Assert.NotEqual(embedder.Embed(Backbone.FromNCaC(coordinates)).Vector.ToArray(), embedder.Embed(Backbone.FromNCaC(reversed)).Vector.ToArray());
    }

    [Fact]
    public void Embed_OfMirroredStructure_IsAnother()
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        float[] coordinates = SyntheticBackbone.Coordinates(new Random(Seed), 60);
        float[] mirrored = [.. coordinates.Select((value, i) => i % 3 == 0 ? -value : value)];
        Assert.NotEqual(embedder.Embed(Backbone.FromNCaC(coordinates)).Vector.ToArray(), embedder.Embed(Backbone.FromNCaC(mirrored)).Vector.ToArray());
    }

    /// <summary>What lies at a residue without a frame has no influence.</summary>
    [Fact]
    public void Embed_WithOtherAtomsAtInvalidResidues_IsBitEqual()
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        float[] first = SyntheticBackbone.Coordinates(new Random(Seed), 50), second = [.. first];
        bool[] anyAtom = [.. Enumerable.Repeat(true, 50)];
        foreach (int residue in new[] { 0, 7, 8, 9, 49 })
        {
            first[residue * 9] = float.NaN;
            second[(residue * 9) + 4] = float.PositiveInfinity;
            second[(residue * 9) + 8] = 5e6f;
        }

        Assert.Equal(
            embedder.Embed(Backbone.FromNCaC(first, anyAtom)).Vector.ToArray(),
            embedder.Embed(Backbone.FromNCaC(second, anyAtom)).Vector.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(2000)]
    public void Embed_WithoutAnyFrame_IsAUnitVector(int length)
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        float[] caOnly = [.. SyntheticBackbone.Coordinates(new Random(Seed), length).Select((value, i) => i % 9 is >= 3 and < 6 ? value : float.NaN)];
        Embedding embedding = embedder.Embed(Backbone.FromNCaC(caOnly));
        Assert.Equal(Modality.Structure, embedding.Modality);
        Assert.Equal(1, embedding.Vector.ToArray().Sum(value => (double)value * value), 1e-5);
    }

    [Fact]
    public void Embed_OfIdenticalResidues_IsAUnitVector()
    {
        using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
        float[] one = SyntheticBackbone.Coordinates(new Random(Seed), 1);
        float[] stacked = [.. Enumerable.Repeat(one, 40).SelectMany(residue => residue)];
        Assert.Equal(1, embedder.Embed(Backbone.FromNCaC(stacked)).Vector.ToArray().Sum(value => (double)value * value), 1e-5);
        Assert.Equal(1, embedder.Embed(Backbone.FromNCaC(new float[40 * 9])).Vector.ToArray().Sum(value => (double)value * value), 1e-5);
        float[] far = [.. stacked.Select((value, i) => i / 9 % 2 == 0 ? value : value - 9.9e5f)];
        Assert.Equal(1, embedder.Embed(Backbone.FromNCaC(far)).Vector.ToArray().Sum(value => (double)value * value), 1e-5);
    }

    /// <summary>Some atoms, and some whole residues, taken away.</summary>
    private static Backbone Damage(Random random, float[] coordinates)
    {
        for (int residue = 0; residue < coordinates.Length / 9; residue++)
        {
            if (random.Next(12) == 0)
            {
                int first = random.Next(3) == 0 ? 0 : 3 * random.Next(3);
                coordinates.AsSpan((residue * 9) + first, first == 0 ? 9 : 3).Fill(float.NaN);
            }
        }

        return Backbone.FromNCaC(coordinates);
    }

    /// <summary>A random rotation about a random axis, and a shift of some hundred Å.</summary>
    private static float[] Move(Random random, float[] coordinates)
    {
        System.Numerics.Vector3 axis = System.Numerics.Vector3.Normalize(new(random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f));
        double angle = random.NextDouble() * 2 * Math.PI, cosine = Math.Cos(angle), sine = Math.Sin(angle);
        double[] u = [axis.X, axis.Y, axis.Z];
        double length = Math.Sqrt((u[0] * u[0]) + (u[1] * u[1]) + (u[2] * u[2]));
        u = [.. u.Select(value => value / length)];
        double[] shift = [random.Next(-300, 300), random.Next(-300, 300), random.Next(-300, 300)];
        float[] moved = new float[coordinates.Length];
        for (int i = 0; i < coordinates.Length; i += 3)
        {
            double x = coordinates[i], y = coordinates[i + 1], z = coordinates[i + 2];
            double along = ((u[0] * x) + (u[1] * y) + (u[2] * z)) * (1 - cosine);
            moved[i] = (float)((x * cosine) + (((u[1] * z) - (u[2] * y)) * sine) + (u[0] * along) + shift[0]);
            moved[i + 1] = (float)((y * cosine) + (((u[2] * x) - (u[0] * z)) * sine) + (u[1] * along) + shift[1]);
            moved[i + 2] = (float)((z * cosine) + (((u[0] * y) - (u[1] * x)) * sine) + (u[2] * along) + shift[2]);
        }

        return moved;
    }

    private static void Widen(string from, string to)
    {
        Directory.CreateDirectory(to);
        File.Copy(Path.Combine(from, "config.json"), Path.Combine(to, "config.json"));
        foreach (string name in new[] { "esm3.safetensors", "structure_encoder.safetensors" })
        {
            using SafetensorsFile source = SafetensorsFile.Open(Path.Combine(from, name));
            var writer = new SafetensorsWriter();
            foreach (string tensor in source.Tensors.Keys)
            {
                writer.Add(source, tensor, WeightType.Float32);
            }

            writer.Save(Path.Combine(to, name));
        }
    }
}

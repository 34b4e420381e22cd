using Clss.EmbedBenchmark;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests;

/// <summary>A sequence's embedding is the same bit for bit, in any company, in any order, on any number of threads.</summary>
public class BatchInvarianceTests
{
    private const int Seed = 421;

    private static readonly EsmConfig Config =
        new() { VocabularySize = 33, HiddenSize = 56, Layers = 2, Heads = 4, IntermediateSize = 100 };

    /// <summary>Around every block size: tile 12, queries 32, keys 120, row block 192.</summary>
    private static readonly int[] Lengths = [0, 1, 2, 3, 9, 10, 11, 21, 22, 29, 30, 31, 62, 100, 117, 118, 119, 190, 191, 238, 239, 300];

    /// <summary>Around the rows that a layer takes at a time (1,536), the queries of one piece of work (2,048), and a batch's tokens (4,096).</summary>
    private static readonly int[] LongLengths = [5, 1533, 1535, 2046, 2047, 4095, 4200];

    [Theory]
    [Trait("Tier", "any")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pool_InRandomBatches_IsBitEqual(int threads) => ComparePools(Lengths, threads, rounds: 5);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Pool_OfLongSequencesInRandomBatches_IsBitEqual(int threads) => ComparePools(LongLengths, threads, rounds: 2);

    private static void ComparePools(int[] lengths, int threads, int rounds)
    {
        Random random = new(Seed);
        ProteinSequence[] sequences = [.. lengths.Select(length => RandomSequence(random, length))];
        float[][] alone = PoolAlone(sequences);
        using var tower = new Tower(threads);
        for (int round = 0; round < rounds; round++)
        {
            int[] order = [.. Enumerable.Range(0, sequences.Length)];
            random.Shuffle(order);
            order = order[..random.Next(order.Length / 2, order.Length + 1)];
            float[] pooled = new float[order.Length * Config.HiddenSize];
            tower.Pool([.. order.Select(i => sequences[i])], pooled);
            for (int i = 0; i < order.Length; i++)
            {
                Assert.True(
                    alone[order[i]].AsSpan().SequenceEqual(pooled.AsSpan(i * Config.HiddenSize, Config.HiddenSize)),
                    $"Seed {Seed}, round {round}: the sequence of {lengths[order[i]]} residues differs from its embedding alone.");
            }
        }
    }

    [Fact]
    public void Pool_OfSameSequenceTwice_IsBitEqual()
    {
        ProteinSequence sequence = RandomSequence(new Random(Seed), 77);
        using var tower = new Tower(2);
        float[] pooled = new float[3 * Config.HiddenSize];
        tower.Pool([sequence, new ProteinSequence("MKV"), sequence], pooled);
        Assert.Equal(pooled[..Config.HiddenSize], pooled[(2 * Config.HiddenSize)..]);
    }

    private static float[][] PoolAlone(ProteinSequence[] sequences)
    {
        using var tower = new Tower(1);
        return [.. sequences.Select(sequence =>
        {
            float[] pooled = new float[Config.HiddenSize];
            tower.Pool([sequence], pooled);
            Assert.All(pooled, value => Assert.True(float.IsFinite(value)));
            return pooled;
        })];
    }

    private static ProteinSequence RandomSequence(Random random, int length) =>
        new(string.Concat(Enumerable.Range(0, length).Select(_ => "ACDEFGHIKLMNPQRSTVWYX"[random.Next(21)])));

    private sealed class Tower : IDisposable
    {
        private readonly CpuTensorBackend _backend;
        private readonly SequenceTower _tower;

        public Tower(int threads)
        {
            using var weights = new FormulaWeights(Config);
            _backend = new CpuTensorBackend(threads);
            _tower = new SequenceTower(_backend, new Esm2Model(_backend, Config, new WeightScope(weights)));
        }

        public void Pool(ProteinSequence[] sequences, float[] pooled) => _tower.Pool(sequences, pooled);

        public void Dispose() => _backend.Dispose();
    }
}

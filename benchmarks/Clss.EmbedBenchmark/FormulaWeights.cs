using System.Text;
using Clss.Embedder.Weights;

namespace Clss.EmbedBenchmark;

/// <summary>
/// An ESM-2 of any size whose weights follow from their names: a model of real dimensions without a download.
/// Element i of a tensor is u = (SplitMix64(FNV-1a(name) + i) as a fraction) in [-1, 1), times and plus what keeps the network's
/// activations in their usual range. benchmarks/pytorch/esm2_peer.py computes the same numbers.
/// </summary>
internal sealed class FormulaWeights : WeightFile
{
    private readonly Dictionary<string, WeightInfo> _tensors = [];

    public FormulaWeights(EsmConfig config)
    {
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        Add("embeddings.word_embeddings.weight", config.VocabularySize, hidden);
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"encoder.layer.{i}.";
            foreach (string name in (ReadOnlySpan<string>)["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
            {
                Add($"{layer}{name}.weight", hidden, hidden);
                Add($"{layer}{name}.bias", hidden);
            }

            Add($"{layer}intermediate.dense.weight", inner, hidden);
            Add($"{layer}intermediate.dense.bias", inner);
            Add($"{layer}output.dense.weight", hidden, inner);
            Add($"{layer}output.dense.bias", hidden);
            AddNorm($"{layer}attention.LayerNorm", hidden);
            AddNorm($"{layer}LayerNorm", hidden);
        }

        AddNorm("encoder.emb_layer_norm_after", hidden);
    }

    public override string Source => "formula";

    public override IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>ESM-2 35M: 12 layers, hidden 480, 20 heads.</summary>
    public static EsmConfig Esm2With35M { get; } =
        new() { VocabularySize = 33, HiddenSize = 480, Layers = 12, Heads = 20, IntermediateSize = 1920 };

    protected override void ReadElements(WeightInfo info, Span<float> destination)
    {
        bool isNorm = info.Name.Contains("norm", StringComparison.OrdinalIgnoreCase);
        bool isBias = info.Name.EndsWith(".bias", StringComparison.Ordinal);
        float offset = isNorm && !isBias ? 1f : 0f;
        float factor = isNorm || isBias ? 0.1f
            : info.Name.StartsWith("embeddings.", StringComparison.Ordinal) ? 1f
            : (float)Math.Sqrt(3.0 / info.Shape[1]);
        ulong seed = Hash(info.Name);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = offset + (factor * Fraction(seed + (ulong)i));
        }
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    public static ulong Hash(string name)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 0x100000001b3;
        }

        return hash;
    }

    /// <summary>SplitMix64's finalizer; the upper 24 bits as a number in [-1, 1).</summary>
    public static float Fraction(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        value ^= value >> 31;
        return ((value >> 40) * (1f / (1 << 23))) - 1f;
    }

    private void AddNorm(string name, int length)
    {
        Add($"{name}.weight", length);
        Add($"{name}.bias", length);
    }

    private void Add(string name, params long[] shape) => _tensors.Add(name, new WeightInfo(name, WeightType.Float32, shape));
}

using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm2;

/// <summary>
/// ESM-2 (Lin et al., Science 2023, doi:10.1126/science.ade2574) of any size, as Hugging Face's EsmModel computes it:
/// transformers, models/esm/modeling_esm.py. Sequences are packed end to end, one token to a row.
/// </summary>
public sealed class Esm2Model
{
    /// <summary>Share of tokens that were masked in training, 15 % times 80 %: without masks, embeddings are scaled by what remained.</summary>
    private const double TrainingMaskRatio = 0.15 * 0.8;

    private readonly ITensorBackend _backend;
    private readonly Tensor _tokenTable;
    private readonly Esm2Layer[] _layers;
    private readonly Tensor _finalNormWeight;
    private readonly Tensor _finalNormBias;

    /// <summary>Reads the weights, by their names in Hugging Face's EsmModel, into the backend.</summary>
    /// <exception cref="WeightFormatException">A tensor is missing or of another shape.</exception>
    public Esm2Model(ITensorBackend backend, EsmConfig config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _backend = backend;
        Config = config;
        _tokenTable = backend.Upload(
            weights.Read("embeddings.word_embeddings.weight", config.VocabularySize, config.HiddenSize), config.VocabularySize, config.HiddenSize);
        _layers = new Esm2Layer[config.Layers];
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i] = new Esm2Layer(backend, config, weights.Sub($"encoder.layer.{i}"));
        }

        WeightScope norm = weights.Sub("encoder.emb_layer_norm_after");
        _finalNormWeight = backend.Upload(norm.Read("weight", config.HiddenSize), 1, config.HiddenSize);
        _finalNormBias = backend.Upload(norm.Read("bias", config.HiddenSize), 1, config.HiddenSize);
    }

    /// <summary>The dimensions.</summary>
    public EsmConfig Config { get; }

    /// <summary>The whole network: last hidden state [total tokens, hidden size], in the backend's current scope.</summary>
    public Tensor Forward(ReadOnlySpan<int> tokens, PackedLengths lengths, CancellationToken cancellationToken = default)
    {
        Tensor x = Embed(tokens, lengths);
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ApplyLayer(layer, x, lengths);
        }

        ApplyFinalNorm(x);
        return x;
    }

    /// <summary>Token embeddings [total tokens, hidden size]: the input of layer 0.</summary>
    public Tensor Embed(ReadOnlySpan<int> tokens, PackedLengths lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        float[] scales = new float[tokens.Length];
        for (int i = 0; i < lengths.Count; i++)
        {
            ReadOnlySpan<int> sequence = tokens.Slice(lengths.Start(i), lengths.Length(i));
            Span<float> sequenceScales = scales.AsSpan(lengths.Start(i), lengths.Length(i));
            sequenceScales.Fill(1f);
            if (Config.TokenDropout)
            {
                ScaleForDropout(sequence, sequenceScales);
            }
        }

        Tensor x = _backend.Allocate(tokens.Length, Config.HiddenSize);
        _backend.Embed(_tokenTable, tokens, scales, x);
        return x;
    }

    /// <summary>One transformer block, in place.</summary>
    public void ApplyLayer(int layer, Tensor x, PackedLengths lengths) => _layers[layer].Apply(x, lengths);

    /// <summary>The LayerNorm after the last block, in place.</summary>
    public void ApplyFinalNorm(Tensor x) => _backend.LayerNorm(x, _finalNormWeight, _finalNormBias, (float)Config.LayerNormEpsilon, x);

    /// <summary>Mask tokens become 0, and the rest is scaled as if as many had been masked as in training.</summary>
    private static void ScaleForDropout(ReadOnlySpan<int> tokens, Span<float> scales)
    {
        double masked = tokens.Count(EsmTokenizer.Mask) / (double)tokens.Length;
        float scale = (float)((1 - TrainingMaskRatio) / (1 - masked));
        for (int i = 0; i < tokens.Length; i++)
        {
            scales[i] = tokens[i] == EsmTokenizer.Mask ? 0f : scale;
        }
    }
}

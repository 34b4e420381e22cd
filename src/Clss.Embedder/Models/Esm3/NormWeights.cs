using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>A LayerNorm, whose bias is 0 where the weights have none.</summary>
internal sealed class NormWeights
{
    /// <summary>torch's and ESM3's.</summary>
    private const float Epsilon = 1e-5f;

    private readonly Tensor _weight;
    private readonly Tensor _bias;

    public NormWeights(ITensorBackend backend, WeightScope weights, int width)
    {
        _weight = backend.Upload(weights.Read("weight", width), 1, width);
        _bias = backend.Upload(weights.Contains("bias") ? weights.Read("bias", width) : new float[width], 1, width);
    }

    public void Apply(ITensorBackend backend, Tensor source, Tensor destination) => backend.LayerNorm(source, _weight, _bias, Epsilon, destination);
}

using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

internal sealed class ReferenceLinearWeights(float[] weight, float[] bias, int inputs, int outputs) : LinearWeights(inputs, outputs)
{
    public float[] Weight { get; } = weight;

    public float[] Bias { get; } = bias;
}

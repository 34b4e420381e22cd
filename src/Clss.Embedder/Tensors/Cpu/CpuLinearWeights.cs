namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Weights in panels, and the bias filled up with zeros to whole panels.</summary>
internal sealed unsafe class CpuLinearWeights(CpuTensorBackend owner, float* panels, float* bias, int inputs, int outputs)
    : LinearWeights(inputs, outputs)
{
    public CpuTensorBackend Owner { get; } = owner;

    public float* Panels { get; } = panels;

    public float* Bias { get; } = bias;
}

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Weights in panels of floats, or as bfloat16 row by row, and the bias in the order of the panels.</summary>
internal sealed unsafe class CpuLinearWeights(
    CpuTensorBackend owner, float* panels, BFloat16Matrix? narrow, float* bias, LinearLayout layout, int inputs, int outputs)
    : LinearWeights(inputs, outputs)
{
    public CpuTensorBackend Owner { get; } = owner;

    /// <summary>Null where <see cref="Narrow"/> is given.</summary>
    public float* Panels { get; } = panels;

    /// <summary>Kept here so that its memory stays.</summary>
    public BFloat16Matrix? Narrow { get; } = narrow;

    /// <summary>Filled up with zeros to whole panels.</summary>
    public float* Bias { get; } = bias;

    public LinearLayout Layout { get; } = layout;
}

using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;

namespace Clss.Embedder;

/// <summary>How an embedder computes. Nothing here changes a result.</summary>
public sealed record EmbedderOptions
{
    /// <summary>Threads to compute with; 0 for as many as the machine has.</summary>
    public int Threads { get; init; }

    /// <summary>What computes: by default the processor, in C#.</summary>
    public TensorBackendFactory Backend { get; init; } = new CpuTensorBackendFactory();
}

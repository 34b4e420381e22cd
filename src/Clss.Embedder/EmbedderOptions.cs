using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;

namespace Clss.Embedder;

/// <summary>How an embedder computes, and with which structure side. Threads and backend change no result.</summary>
public sealed record EmbedderOptions
{
    /// <summary>Threads to compute with; 0 for as many as the machine has.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// A folder with the weights of ESM3 and its structure encoder, for a model that brings none: a CLSS checkpoint has only the adapter.
    /// Null for none.
    /// </summary>
    public string? StructureModel { get; init; }

    /// <summary>What computes: by default the processor, in C#.</summary>
    public TensorBackendFactory Backend { get; init; } = new CpuTensorBackendFactory();
}

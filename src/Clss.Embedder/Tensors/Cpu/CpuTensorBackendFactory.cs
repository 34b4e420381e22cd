namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Makes <see cref="CpuTensorBackend"/>s.</summary>
public sealed class CpuTensorBackendFactory : TensorBackendFactory
{
    /// <inheritdoc/>
    public override ITensorBackend Create(int threads) => new CpuTensorBackend(threads);
}

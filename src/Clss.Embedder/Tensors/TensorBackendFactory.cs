namespace Clss.Embedder.Tensors;

/// <summary>Makes the backend of an embedder, which then owns it.</summary>
public abstract class TensorBackendFactory
{
    /// <summary>Makes a backend.</summary>
    /// <param name="threads">Threads to compute with; 0 for as many as the machine has.</param>
    public abstract ITensorBackend Create(int threads);
}

using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

public class ReferenceTensorBackendTests : TensorBackendTests
{
    protected override ITensorBackend CreateBackend() => new ReferenceTensorBackend();
}

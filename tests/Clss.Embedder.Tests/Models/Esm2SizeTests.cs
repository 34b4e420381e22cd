using Clss.EmbedBenchmark;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Tests.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Models;

/// <summary>The dimensions of the real ESM-2 35M, with weights made by a formula.</summary>
public class Esm2SizeTests
{
    [Fact]
    public void Forward_Of35MModel_EqualsReferenceBackend()
    {
        int[] first = EsmTokenizer.Tokenize("MKTAYIAKQRQISFVKSHFSRQ<mask>EERLGLIEVQ"), second = EsmTokenizer.Tokenize("GSHMW");
        PackedLengths lengths = new([first.Length, second.Length]);
        using var cpu = new CpuTensorBackend(2);
        using var reference = new ReferenceTensorBackend();
        DifferenceTable table = new("ESM-2 35M, formula weights");
        float[] expected = Run(reference), actual = Run(cpu);
        table.Compare("last_hidden_state", 5e-5, expected, actual, "two sequences");
        table.PrintAndAssert();
        Assert.InRange(actual.Max(), 1, 10);

        float[] Run(ITensorBackend backend)
        {
            using var weights = new FormulaWeights(FormulaWeights.Esm2With35M);
            var model = new Esm2Model(backend, FormulaWeights.Esm2With35M, new WeightScope(weights));
            using IDisposable scope = backend.BeginScope();
            return TensorBackendTests.Download(backend, model.Forward([.. first, .. second], lengths));
        }
    }
}

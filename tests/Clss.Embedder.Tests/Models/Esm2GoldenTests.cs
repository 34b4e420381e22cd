using System.Text.Json;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Tests.Tensors;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

/// <summary>The network on a tiny checkpoint against the original Python, stage by stage.</summary>
public class Esm2GoldenTests
{
    private readonly DifferenceTable _table = new("ESM-2, tiny, 19 sequences");

    [Fact]
    [Trait("Tier", "any")]
    public void Forward_OnTinyCheckpoint_EqualsGolden()
    {
        using var backend = new CpuTensorBackend(2);
        Compare(backend);
    }

    [Fact]
    public void Forward_OnReferenceBackend_EqualsGolden()
    {
        using var backend = new ReferenceTensorBackend();
        Compare(backend);
    }

    /// <summary>All sequences packed into one batch, each stage compared.</summary>
    private void Compare(ITensorBackend backend)
    {
        using ModelSource source = ModelSource.Open(Repository.SharedPath("golden", "esm2-tiny"));
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "esm2-tiny.golden.safetensors"));
        (string Id, int[] Tokens)[] cases = ReadCases();
        var model = new Esm2Model(backend, source.Description.SequenceTower!, source.SequenceEncoder);
        int[] tokens = [.. cases.SelectMany(entry => entry.Tokens)];
        PackedLengths lengths = new([.. cases.Select(entry => entry.Tokens.Length)]);

        using IDisposable scope = backend.BeginScope();
        Tensor x = model.Embed(tokens, lengths);
        CompareRows("embedding_output", 5e-6, x);
        for (int layer = 0; layer < model.Config.Layers; layer++)
        {
            CompareRows($"hidden_{layer}", 5e-5, x);
            model.ApplyLayer(layer, x, lengths);
        }

        model.ApplyFinalNorm(x);
        CompareRows($"hidden_{model.Config.Layers}", 5e-5, x);
        CompareRows("last_hidden_state", 5e-5, x);
        CompareRows("first4", 1e-4, x);
        CompareRows("last4", 1e-4, x);
        Tensor pooled = backend.Allocate(cases.Length, model.Config.HiddenSize);
        backend.MeanPool(x, lengths, pooled);
        for (int i = 0; i < cases.Length; i++)
        {
            _table.Compare("mean", 1e-5, Read($"{cases[i].Id}.mean"), TensorBackendTests.Download(backend, pooled.SliceRows(i, 1)), cases[i].Id);
        }

        _table.PrintAndAssert();

        void CompareRows(string quantity, double tolerance, Tensor hidden)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                if (golden.Tensors.ContainsKey($"{cases[i].Id}.{quantity}"))
                {
                    float[] expected = Read($"{cases[i].Id}.{quantity}");
                    int rows = expected.Length / hidden.Columns;
                    int skipped = quantity == "last4" ? lengths.Length(i) - rows : 0;
                    Tensor part = hidden.SliceRows(lengths.Start(i) + skipped, rows);
                    _table.Compare(quantity, tolerance, expected, TensorBackendTests.Download(backend, part), cases[i].Id);
                }
            }
        }

        float[] Read(string name)
        {
            float[] values = new float[golden.Find(name).Count];
            golden.Read(name, values);
            return values;
        }
    }

    private static (string Id, int[] Tokens)[] ReadCases()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "esm2-tiny.golden.json")));
        return [.. golden.RootElement.GetProperty("cases").EnumerateArray().Select(
            entry => (entry.GetProperty("id").GetString()!, EsmTokenizer.Tokenize(entry.GetProperty("sequence").GetString()!)))];
    }
}

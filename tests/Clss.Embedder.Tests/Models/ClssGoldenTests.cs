using System.Text.Json;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

/// <summary>Checkpoints to 32-D vectors against the original Python.</summary>
public class ClssGoldenTests
{
    [Theory]
    [InlineData("clss-tiny.lckpt")]
    [InlineData("clss-tiny-legacy.pt")]
    public void Checkpoint_OfTinyModel_EqualsGolden(string file)
    {
        string checkpoint = Repository.SharedPath("golden", file);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "clss-tiny.golden.safetensors"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "clss-tiny.golden.json")));
        using ClssEmbedder embedder = ClssEmbedder.Load(checkpoint);
        using ModelSource source = ModelSource.Open(checkpoint);
        WeightScope expected = new(golden);
        DifferenceTable table = new($"CLSS, {file}");

        ProteinSequence[] sequences =
            [.. json.RootElement.GetProperty("sequences").EnumerateArray().Select(sequence => new ProteinSequence(sequence.GetString()!))];
        float[] pooled = new float[sequences.Length * embedder.PooledDimension];
        float[] vectors = new float[sequences.Length * embedder.Dimension];
        embedder.PoolBatch(sequences, pooled);
        embedder.EmbedBatch(sequences, vectors);
        table.Compare("seq.pooled", 1e-5, expected.Read("seq.pooled"), pooled, file);
        table.Compare("seq.projected", 1e-5, expected.Read("seq.projected"), Project("sequence_adapter.1", pooled, rectify: true), file);
        table.Compare("seq.normalized", 3e-6, expected.Read("seq.normalized"), vectors, file);
        table.Compare("seq.normalized_f64", 3e-6, expected.Read("seq.normalized_f64"), vectors, file);

        float[] structures = expected.Read("struct.input");
        int width = (int)golden.Find("struct.input").Shape[1];
        float[] structureVectors = new float[structures.Length / width * embedder.Dimension];
        for (int i = 0; i < structures.Length / width; i++)
        {
            embedder.ProjectPooled(Modality.Structure, structures.AsSpan(i * width, width), structureVectors.AsSpan(i * embedder.Dimension, embedder.Dimension));
        }

        table.Compare("struct.projected", 1e-3, expected.Read("struct.projected"), Project("structure_adapter.0", structures, rectify: false), file);
        table.Compare("struct.normalized", 3e-6, expected.Read("struct.normalized"), structureVectors, file);
        table.Compare("struct.normalized_f64", 3e-6, expected.Read("struct.normalized_f64"), structureVectors, file);
        table.PrintAndAssert();

        float[] Project(string adapter, float[] input, bool rectify)
        {
            WeightScope weights = new WeightScope(source.Weights).Sub(adapter);
            var head = new ProjectionHead(weights, (int)weights.Info("weight").Shape[1], (int)weights.Info("weight").Shape[0], rectify);
            float[] result = new float[input.Length / head.Inputs * head.Outputs];
            for (int i = 0; i < input.Length / head.Inputs; i++)
            {
                head.Project(input.AsSpan(i * head.Inputs, head.Inputs), result.AsSpan(i * head.Outputs, head.Outputs));
            }

            return result;
        }
    }
}

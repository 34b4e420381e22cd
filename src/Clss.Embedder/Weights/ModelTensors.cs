namespace Clss.Embedder.Weights;

/// <summary>The names and shapes of the tensors that a CLSS model is computed from.</summary>
internal static class ModelTensors
{
    public const string SequenceEncoder = "sequence_encoder.";
    public const string SequenceAdapterWeight = "sequence_adapter.1.weight";
    public const string SequenceAdapterBias = "sequence_adapter.1.bias";
    public const string StructureAdapterWeight = "structure_adapter.0.weight";
    public const string StructureAdapterBias = "structure_adapter.0.bias";
    public const string Temperature = "temperature";
    public const string WordEmbeddings = "embeddings.word_embeddings.weight";

    private const long MaxWidth = 1 << 20;

    /// <summary>The tensors of an ESM-2 tower, named as Hugging Face's EsmModel names them, with their shapes.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Tower(EsmConfig config)
    {
        long hidden = config.HiddenSize;
        yield return (WordEmbeddings, [config.VocabularySize, hidden]);
        for (int i = 0; i < config.Layers; i++)
        {
            string layer = $"encoder.layer.{i}.";
            foreach (string part in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
            {
                yield return ($"{layer}{part}.weight", [hidden, hidden]);
                yield return ($"{layer}{part}.bias", [hidden]);
            }

            yield return (layer + "intermediate.dense.weight", [config.IntermediateSize, hidden]);
            yield return (layer + "intermediate.dense.bias", [config.IntermediateSize]);
            yield return (layer + "output.dense.weight", [hidden, config.IntermediateSize]);
            yield return (layer + "output.dense.bias", [hidden]);
            foreach (string norm in (string[])["attention.LayerNorm", "LayerNorm"])
            {
                yield return ($"{layer}{norm}.weight", [hidden]);
                yield return ($"{layer}{norm}.bias", [hidden]);
            }
        }

        yield return ("encoder.emb_layer_norm_after.weight", [hidden]);
        yield return ("encoder.emb_layer_norm_after.bias", [hidden]);
    }

    /// <summary>
    /// The tensors a description asks for: the name in the model, the name in the file, and the shape.
    /// The structure adapter's width is the structure tower's and not checked here (-1).
    /// </summary>
    public static IEnumerable<(string Name, string FileName, long[] Shape)> All(ModelDescription description, string prefix)
    {
        if (description.SequenceTower is not { } config)
        {
            yield break;
        }

        foreach ((string name, long[] shape) in Tower(config))
        {
            yield return (SequenceEncoder + name, prefix + name, shape);
        }

        if (description.HasSequenceAdapter)
        {
            yield return (SequenceAdapterWeight, SequenceAdapterWeight, [description.Dimension, config.HiddenSize]);
            yield return (SequenceAdapterBias, SequenceAdapterBias, [description.Dimension]);
        }

        if (description.HasStructureAdapter)
        {
            yield return (StructureAdapterWeight, StructureAdapterWeight, [description.Dimension, -1]);
            yield return (StructureAdapterBias, StructureAdapterBias, [description.Dimension]);
        }
    }

    /// <summary>Refuses a file that lacks a tensor of the description, or has one of another shape or of whole numbers.</summary>
    public static void Check(ModelDescription description, WeightFile file, string prefix)
    {
        foreach ((_, string name, long[] shape) in All(description, prefix))
        {
            WeightInfo info = file.Find(name);
            bool same = info.Shape.Count == shape.Length && info.Shape.Zip(shape).All(pair => pair.First == pair.Second || (pair.Second < 0 && pair.First is > 0 and <= MaxWidth));
            if (!same || !info.Type.IsFloat())
            {
                throw new WeightFormatException(
                    $"{file.Source}: tensor '{name}' is {info.Type} {info.ShapeText}, the configuration asks for real numbers {WeightInfo.FormatShape(shape)}. "
                    + "The configuration and the weights belong to different models.");
            }
        }
    }
}

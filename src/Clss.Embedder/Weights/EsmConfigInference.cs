namespace Clss.Embedder.Weights;

/// <summary>The dimensions of an ESM-2 tower as its tensors tell them.</summary>
internal static class EsmConfigInference
{
    /// <summary>The hyper-parameter in which CLSS keeps the name of the ESM-2 it started from.</summary>
    private const string EsmNameKey = "esm2_checkpoint";

    /// <summary>Hidden size, layers and heads of the published ESM-2 models (Lin et al. 2023, config.json of each).</summary>
    private static readonly (int Hidden, int Layers, int Heads)[] Published =
        [(320, 6, 20), (480, 12, 20), (640, 30, 20), (1280, 33, 20), (2560, 36, 40), (5120, 48, 40)];

    /// <summary>What precedes the tower's names: CLSS, Hugging Face with a head, Hugging Face without.</summary>
    public static string FindPrefix(WeightFile file)
    {
        foreach (string prefix in (string[])[ModelTensors.SequenceEncoder, "esm.", ""])
        {
            if (file.Tensors.ContainsKey(prefix + ModelTensors.WordEmbeddings))
            {
                return prefix;
            }
        }

        string seen = string.Join(", ", file.Tensors.Keys.Order(StringComparer.Ordinal).Take(3).Select(name => $"'{name}'"));
        throw new WeightFormatException(
            $"{file.Source} has no sequence tower: no tensor '{ModelTensors.SequenceEncoder}{ModelTensors.WordEmbeddings}', nor the same below 'esm.' or at the top. "
            + $"It holds {(seen.Length == 0 ? "no tensors" : seen + " and others")}. ESM-2 in Meta's own layout is not read; use the Hugging Face form.");
    }

    public static EsmConfig Infer(WeightFile file, string prefix, IReadOnlyDictionary<string, string> hyperParameters)
    {
        const string firstLayer = "encoder.layer.0.";
        long[] embeddings = Shape(file, prefix + ModelTensors.WordEmbeddings, 2);
        long inner = Shape(file, prefix + firstLayer + "intermediate.dense.weight", 2)[0];
        if (file.Tensors.ContainsKey(prefix + "embeddings.layer_norm.weight"))
        {
            throw new WeightFormatException($"{file.Source}: the tower has a LayerNorm on its embeddings, so it is an ESM-1, which is not computed here.");
        }

        int layers = 0;
        while (file.Tensors.ContainsKey($"{prefix}encoder.layer.{layers}.attention.self.query.weight"))
        {
            layers++;
        }

        const long most = int.MaxValue;
        (int vocabulary, int hidden) = ((int)Math.Min(embeddings[0], most), (int)Math.Min(embeddings[1], most));
        var config = new EsmConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            Layers = layers,
            Heads = Heads(file, prefix + firstLayer + "attention.self.rotary_embeddings.inv_freq", hidden, layers, hyperParameters),
            IntermediateSize = (int)Math.Min(inner, most),
        };
        config.Validate(file.Source);
        return config;
    }

    /// <summary>Rotary frequencies are stored for half a head's width; newer programs leave them out, and then the published sizes are known.</summary>
    private static int Heads(WeightFile file, string frequencies, int hidden, int layers, IReadOnlyDictionary<string, string> hyperParameters)
    {
        if (file.Tensors.TryGetValue(frequencies, out WeightInfo? info) && info.Shape is [> 0 and <= int.MaxValue / 2])
        {
            int headSize = 2 * (int)info.Shape[0];
            return hidden % headSize == 0
                ? hidden / headSize
                : throw new WeightFormatException($"{file.Source}: '{frequencies}' belongs to heads of width {headSize}, which do not divide the hidden size {hidden}.");
        }

        foreach ((int publishedHidden, int publishedLayers, int heads) in Published)
        {
            if (publishedHidden == hidden && publishedLayers == layers)
            {
                return heads;
            }
        }

        string named = hyperParameters.TryGetValue(EsmNameKey, out string? name) ? $" It was made from '{name}'." : "";
        throw new WeightFormatException(
            $"{file.Source}: the number of attention heads cannot be told from the weights (hidden size {hidden}, {layers} layers, not a published ESM-2).{named} "
            + "Put the config.json of that ESM-2, as Hugging Face has it, beside the checkpoint.");
    }

    private static long[] Shape(WeightFile file, string name, int dimensions)
    {
        WeightInfo info = file.Find(name);
        return info.Shape.Count == dimensions
            ? [.. info.Shape]
            : throw new WeightFormatException($"{file.Source}: '{name}' has shape {info.ShapeText}, expected {dimensions} dimensions.");
    }
}

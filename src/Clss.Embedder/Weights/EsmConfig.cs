namespace Clss.Embedder.Weights;

/// <summary>
/// The dimensions of an ESM-2 network. Only what is computed is described: rotary positions, LayerNorm before each block,
/// no LayerNorm on the embeddings; another arrangement is refused when a configuration is read.
/// </summary>
public sealed record EsmConfig
{
    /// <summary>The rows of the token embedding; at least 33, the size of ESM-2's vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The width of every layer.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>The number of transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>The attention heads of a block; they divide <see cref="HiddenSize"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>The inner width of the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Added to the variance in every LayerNorm; ESM-2 has 1e-5 in all sizes.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether embeddings are rescaled as if tokens had been masked, which every ESM-2 does.</summary>
    public bool TokenDropout { get; init; } = true;

    /// <summary>The width of one head.</summary>
    public int HeadSize => HiddenSize / Heads;

    /// <summary>Reads a Hugging Face <c>config.json</c>.</summary>
    /// <exception cref="WeightFormatException">Absent, malformed, or of a network that is not computed here.</exception>
    public static EsmConfig Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        return EsmConfigJson.Read(new ModelFolder.OnDisk(Path.GetDirectoryName(full)!).ReadJson(Path.GetFileName(full)));
    }

    /// <summary>Refuses dimensions that no network can have.</summary>
    /// <param name="source">The file or argument the numbers come from, for the message.</param>
    /// <exception cref="WeightFormatException">A dimension is absurd or does not fit the others.</exception>
    public void Validate(string source)
    {
        CheckRange(source, "vocab_size", VocabularySize, 33);
        CheckRange(source, "hidden_size", HiddenSize, 1);
        CheckRange(source, "num_hidden_layers", Layers, 1);
        CheckRange(source, "num_attention_heads", Heads, 1);
        CheckRange(source, "intermediate_size", IntermediateSize, 1);
        if (HiddenSize % Heads != 0 || HeadSize % 2 != 0)
        {
            throw new WeightFormatException(
                $"{source}: hidden_size {HiddenSize} and num_attention_heads {Heads} do not fit: each head needs a whole and even width for rotary positions.");
        }

        if (!double.IsFinite(LayerNormEpsilon) || LayerNormEpsilon <= 0 || LayerNormEpsilon > 1)
        {
            throw new WeightFormatException($"{source}: layer_norm_eps is {LayerNormEpsilon}, expected a small positive number such as 1e-5.");
        }
    }

    private static void CheckRange(string source, string name, int value, int least)
    {
        // ESM-2's largest member is 5,120 wide with an inner width of 20,480.
        const int most = 1 << 20;
        if (value < least || value > most)
        {
            throw new WeightFormatException($"{source}: {name} is {value}, expected a number from {least} to {most}.");
        }
    }
}

namespace Clss.Embedder.Weights;

/// <summary>How a model is imported.</summary>
public sealed record ModelImportOptions
{
    /// <summary>The element type to store, one of the real numbers, or null to keep each tensor's own.</summary>
    public WeightType? Type { get; init; } = WeightType.Float32;

    /// <summary>Whether an existing model directory is replaced.</summary>
    public bool Replace { get; init; }

    /// <summary>The model's name, or null to keep the source's own.</summary>
    public string? Name { get; init; }

    /// <summary>What is said wherever the model answers, or null to keep the source's own notice.</summary>
    public string? Notice { get; init; }

    /// <summary>The sequence tower's dimensions, for a checkpoint that does not tell them.</summary>
    public EsmConfig? Config { get; init; }
}

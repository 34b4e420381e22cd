namespace Clss.Embedder;

/// <summary>A place in the common space.</summary>
public sealed record Embedding
{
    /// <summary>The unit vector.</summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>What it was computed from.</summary>
    public required Modality Modality { get; init; }
}

namespace Clss.Embedder.Tensors;

/// <summary>How attention is computed.</summary>
public sealed record AttentionParameters
{
    /// <summary>Heads, side by side in the columns.</summary>
    public required int Heads { get; init; }

    /// <summary>Factor of the products of queries and keys.</summary>
    public required float Scale { get; init; }

    /// <summary>
    /// Turns queries and keys by their position in the sequence: angle = position * 10000^(-2j/d), the halves of a head vector
    /// forming the pairs.
    /// </summary>
    public bool Rotary { get; init; } = true;
}

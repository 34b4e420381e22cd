namespace Clss.Embedder.Tensors;

/// <summary>How geometric attention is computed.</summary>
public sealed record GeometricAttentionParameters
{
    /// <summary>Vector heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Factor of the products of rotation queries and keys, [Heads].</summary>
    public required ReadOnlyMemory<float> RotationScales { get; init; }

    /// <summary>Factor of the distances between distance queries and keys, [Heads].</summary>
    public required ReadOnlyMemory<float> DistanceScales { get; init; }

    /// <summary>Whether only the first row of each sequence asks; the destination then has one row per sequence.</summary>
    public bool FirstRowsOnly { get; init; }
}

namespace Clss.Embedder;

/// <summary>What a vector was computed from.</summary>
public enum Modality
{
    /// <summary>A whole protein or domain sequence.</summary>
    Sequence,

    /// <summary>Backbone coordinates.</summary>
    Structure,

    /// <summary>A contiguous stretch of a domain sequence.</summary>
    Segment,
}

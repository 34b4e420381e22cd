namespace Clss.Index.Hnsw;

/// <summary>How thorough one search is.</summary>
internal readonly record struct HnswSearchSettings
{
    /// <summary>Candidates that the walk keeps; the name of Malkov &amp; Yashunin.</summary>
    public required int EfSearch { get; init; }

    /// <summary>See <see cref="StopRule.Reach"/>; 0 follows the pool to its end.</summary>
    public float Reach { get; init; }

    /// <summary>Candidates that are compared by the vectors themselves; 0 for all that the walk kept.</summary>
    public int Rescored { get; init; }
}

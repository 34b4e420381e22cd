namespace Clss.Index.Hnsw;

/// <summary>How thorough one search is.</summary>
internal readonly record struct HnswSearchSettings
{
    /// <summary>Candidates that the walk keeps; the name of Malkov &amp; Yashunin.</summary>
    public required int EfSearch { get; init; }

    /// <summary>See <see cref="StopRule.Reach"/>; 0 follows the pool to its end, as the paper does.</summary>
    public float Reach { get; init; }

    /// <summary>
    /// The reach that goes best with a number of candidates, so that one number sets both: along the measured front of recall and speed, see
    /// docs/design/hnsw.md, the reach grows by a twentieth each time the candidates double.
    /// </summary>
    public static HnswSearchSettings Of(int efSearch) => new()
    {
        EfSearch = efSearch,
        Reach = Math.Max(1.1f, 1.05f + (0.05f * MathF.Log2(Math.Max(efSearch, 1) / 30f))),
    };
}

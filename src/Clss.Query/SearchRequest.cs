using Clss.Embedder;
using Clss.Index;

namespace Clss.Query;

/// <summary>How a question is to be answered.</summary>
public sealed record SearchRequest
{
    /// <summary>The number of hits wanted for each query.</summary>
    public int K { get; init; } = 10;

    /// <summary>Hits with a cosine similarity below this are left out; -1 keeps all.</summary>
    public float MinSimilarity { get; init; } = -1f;

    /// <summary>Whether every vector is compared in float32, without the int8 scan that comes first otherwise (same hits, slower).</summary>
    public bool Exact { get; init; }

    /// <summary>The modality of the vectors that may be found; null means all.</summary>
    public Modality? TargetModality { get; init; }

    /// <summary>The condition that a hit's metadata must meet; null means none.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Processor threads; 0 means all.</summary>
    public int Threads { get; init; }
}

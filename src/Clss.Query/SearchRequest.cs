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

    /// <summary>Whether exactly the nearest are to be found, also where the collection has an index.</summary>
    public bool Exact { get; init; }

    /// <summary>The share of the nearest that is to be found on average where the collection has an index, above 0 to 1; 1 is an exact search.</summary>
    public double Recall { get; init; } = 0.99;

    /// <summary>Search this many cells, the nearest, instead of as many as <see cref="Recall"/> needs.</summary>
    public int? Probes { get; init; }

    /// <summary>Keep this many candidates on the way through a graph, instead of as many as <see cref="Recall"/> needs.</summary>
    public int? EfSearch { get; init; }

    /// <summary>The modality of the vectors that may be found; null means all.</summary>
    public Modality? TargetModality { get; init; }

    /// <summary>The condition that a hit's metadata must meet; null means none.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Processor threads; 0 means all.</summary>
    public int Threads { get; init; }
}

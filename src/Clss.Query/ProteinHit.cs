using Clss.Index;

namespace Clss.Query;

/// <summary>One answer: a protein or domain near the query.</summary>
public sealed record ProteinHit
{
    /// <summary>The key of what was found.</summary>
    public required string Target { get; init; }

    /// <summary>The modality of the vector that was found, as the database names it: <c>sequence</c>, <c>structure</c> or <c>segment</c>.</summary>
    public required string TargetModality { get; init; }

    /// <summary>Cosine similarity of query and target, from -1 to 1; higher is closer.</summary>
    public required float Similarity { get; init; }

    /// <summary>1 for the nearest, 2 for the next, and so on.</summary>
    public required int Rank { get; init; }

    /// <summary>What the database knows of the target; missing values are left out.</summary>
    public required IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; }
}

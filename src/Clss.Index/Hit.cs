using System.Collections.Immutable;

namespace Clss.Index;

/// <summary>A row as shown to people: key, partition and metadata, with the similarity to a query where there was one.</summary>
public sealed record Hit
{
    /// <summary>The row's key.</summary>
    public required string Key { get; init; }

    /// <summary>The row's partition.</summary>
    public string Partition { get; init; } = "";

    /// <summary>The cosine similarity to the query; 0 where the row was read without one.</summary>
    public float Similarity { get; init; }

    /// <summary>The values that the row has, by column name.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = ImmutableDictionary<string, MetadataValue>.Empty;
}

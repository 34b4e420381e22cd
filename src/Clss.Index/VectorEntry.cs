using System.Collections.Immutable;

namespace Clss.Index;

/// <summary>One row of a collection. Its identity is (<see cref="Partition"/>, <see cref="Key"/>).</summary>
public sealed record VectorEntry
{
    /// <summary>The name of the row, unique in its partition; not empty, at most 65,535 bytes of UTF-8.</summary>
    public required string Key { get; init; }

    /// <summary>The part of the collection that the row belongs to, such as a modality. Empty is a partition like any other.</summary>
    public string Partition { get; init; } = "";

    /// <summary>
    /// The vector, finite and not zero. It is stored at unit length; one already of unit length (to 1e-6) keeps its bits. A collection of
    /// <see cref="VectorStorage.Int16"/> rounds it; one that was read from such a collection keeps its bits.
    /// </summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>Values by column name. Columns not named are missing; read entries name only the columns that have a value.</summary>
    public IReadOnlyDictionary<string, MetadataValue> Metadata { get; init; } = ImmutableDictionary<string, MetadataValue>.Empty;
}

using Clss.Embedder.Inputs;
using Clss.Index;

namespace Clss.Ingest;

/// <summary>One protein or domain on its way into a collection.</summary>
public sealed record DomainRecord
{
    /// <summary>The identifier under which it is stored and shown.</summary>
    public required string Key { get; init; }

    /// <summary>Its sequence.</summary>
    public required ProteinSequence Sequence { get; init; }

    /// <summary>Its coordinates, one residue for each of <see cref="Sequence"/>; null where only the sequence is known.</summary>
    public Backbone? Backbone { get; init; }

    /// <summary>What its header or file says, by the column names of <see cref="DomainSchema"/>, in a fixed order.</summary>
    public IReadOnlyList<KeyValuePair<string, MetadataValue>> Metadata { get; init; } = [];

    /// <summary>The file or stream it came from.</summary>
    public string Source { get; init; } = "";

    /// <summary>The 1-based line where it begins in <see cref="Source"/>; 0 when it has none.</summary>
    public long Line { get; init; }
}

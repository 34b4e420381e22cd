using Clss.Embedder;

namespace Clss.Query;

/// <summary>One question: what is near this protein?</summary>
public abstract record ProteinQuery
{
    /// <summary>What the answer calls the query: an accession, a domain id, a row number.</summary>
    public required string Name { get; init; }

    /// <summary>What the query's vector is computed from.</summary>
    public Modality Modality { get; init; } = Modality.Sequence;

    /// <summary>The length of the query in residues, where it is known.</summary>
    public int? Length { get; init; }

    /// <summary>The query's whole header or another description; empty where there is none.</summary>
    public string Description { get; init; } = "";
}

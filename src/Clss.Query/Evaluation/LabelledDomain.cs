using Clss.Embedder.Inputs;

namespace Clss.Query.Evaluation;

/// <summary>A domain with sequence, coordinates and the groups a classification puts it in.</summary>
public sealed record LabelledDomain
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>The residues that have coordinates.</summary>
    public required ProteinSequence Sequence { get; init; }

    /// <summary>N, CA and C of the same residues.</summary>
    public required Backbone Backbone { get; init; }

    /// <summary>The name of its superfamily (SCOP), or of its H-group (ECOD).</summary>
    public required string Superfamily { get; init; }

    /// <summary>The name of its fold (SCOP), or of its X-group (ECOD).</summary>
    public required string Fold { get; init; }
}

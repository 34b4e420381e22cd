using System.Diagnostics.CodeAnalysis;
using Clss.Embedder.Inputs;

namespace Clss.Query;

/// <summary>A query by sequence, embedded when it is asked.</summary>
public sealed record BySequence : ProteinQuery
{
    /// <summary>Creates a query from a name and its residues in one-letter code.</summary>
    [SetsRequiredMembers]
    public BySequence(string name, ProteinSequence sequence)
    {
        Name = name;
        Sequence = sequence;
        Length = sequence.Residues.Length;
    }

    /// <summary>The residues.</summary>
    public ProteinSequence Sequence { get; }
}

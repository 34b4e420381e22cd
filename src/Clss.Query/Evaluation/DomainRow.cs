namespace Clss.Query.Evaluation;

/// <summary>One row of a table of labelled domains.</summary>
/// <param name="Line">The 1-based line.</param>
/// <param name="Id">The domain's identifier.</param>
/// <param name="Superfamily">Its superfamily or H-group.</param>
/// <param name="Fold">Its fold or X-group.</param>
/// <param name="Sequence">The residues with coordinates.</param>
/// <param name="FirstResidue">How many residues lie before its own in the file of coordinates.</param>
internal sealed record DomainRow(int Line, string Id, string Superfamily, string Fold, string Sequence, long FirstResidue)
{
    /// <summary>How many residues lie before the next domain's.</summary>
    public long EndResidue => FirstResidue + Sequence.Length;
}

namespace Clss.Ingest.Structures;

/// <summary>One contiguous piece of a chain, both ends included.</summary>
/// <param name="Chain">The chain id; null for the only protein chain of the structure.</param>
/// <param name="Start">The first residue; null for the whole chain.</param>
/// <param name="End">The last residue; null for the whole chain.</param>
public readonly record struct ResidueRange(string? Chain, ResidueNumber? Start = null, ResidueNumber? End = null)
{
    /// <summary>The range as ECOD writes it, <c>A:4-182</c>.</summary>
    public override string ToString() => $"{(Chain is null ? "" : Chain + ":")}{(Start is null ? "" : $"{Start}-{End}")}";
}

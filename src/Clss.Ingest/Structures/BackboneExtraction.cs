namespace Clss.Ingest.Structures;

/// <summary>What a structure gives: its protein chains, and the chains that were not taken and why.</summary>
/// <param name="Chains">In file order.</param>
/// <param name="Rejected">One a chain that is no protein or cannot be used.</param>
public sealed record BackboneExtraction(IReadOnlyList<ChainBackbone> Chains, IReadOnlyList<RejectedRecord> Rejected);

namespace Clss.Query;

/// <summary>A query and its hits, nearest first.</summary>
/// <param name="Query">The question.</param>
/// <param name="Hits">The answers, at most K, none below the least similarity asked for.</param>
public sealed record QueryResult(ProteinQuery Query, IReadOnlyList<ProteinHit> Hits);

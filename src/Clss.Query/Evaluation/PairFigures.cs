namespace Clss.Query.Evaluation;

/// <summary>What one kind of query finds among one kind of target.</summary>
/// <param name="Retrieval">Relatives, own domain excluded.</param>
/// <param name="Partner">The own domain.</param>
public sealed record PairFigures(RetrievalFigures Retrieval, PartnerFigures Partner);

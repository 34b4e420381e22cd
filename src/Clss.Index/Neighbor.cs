namespace Clss.Index;

/// <summary>One search result: a row and its cosine similarity to the query.</summary>
/// <param name="Ordinal">The row's number, valid until the collection is next committed, compacted or closed.</param>
/// <param name="Similarity">The cosine of the angle between row and query; higher is closer.</param>
public readonly record struct Neighbor(int Ordinal, float Similarity);

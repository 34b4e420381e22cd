using Clss.Embedder;

namespace Clss.Query.Scoring;

/// <summary>A protein or domain as its unit vectors.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Vectors">One vector of each modality that it has.</param>
public sealed record ProteinVectors(string Name, IReadOnlyList<Embedding> Vectors);

using Clss.Embedder;

namespace Clss.Query.Scoring;

/// <summary>How similar two proteins are in one pair of modalities.</summary>
/// <param name="Query">The name of the first.</param>
/// <param name="Target">The name of the second.</param>
/// <param name="QueryModality">What the first one's vector was computed from.</param>
/// <param name="TargetModality">What the second one's vector was computed from.</param>
/// <param name="Similarity">Cosine similarity, higher is closer.</param>
public readonly record struct PairScore(string Query, string Target, Modality QueryModality, Modality TargetModality, float Similarity);

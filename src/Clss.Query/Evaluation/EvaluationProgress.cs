namespace Clss.Query.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Vectors">Vectors computed so far.</param>
/// <param name="Total">Vectors in all.</param>
public readonly record struct EvaluationProgress(int Vectors, int Total);

namespace Clss.Index.Evaluation;

/// <summary>How far a measurement of recall is.</summary>
/// <param name="Done">Searches done.</param>
/// <param name="Total">Searches in all, where it can be told.</param>
public readonly record struct RecallProgress(long Done, long? Total);

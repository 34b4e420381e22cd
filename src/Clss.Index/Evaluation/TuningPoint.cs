namespace Clss.Index.Evaluation;

/// <summary>A setting of the search and what it gave at 10 neighbours: either <see cref="Recall"/> or <see cref="Probes"/> was set.</summary>
/// <param name="Recall">The setting of <see cref="SearchOptions.Recall"/>; null where probes were set.</param>
/// <param name="Probes">The setting of <see cref="SearchOptions.Probes"/>; null where a recall was set.</param>
/// <param name="Figure">What was measured.</param>
public sealed record TuningPoint(double? Recall, int? Probes, RecallFigure Figure);

namespace Clss.Index.Evaluation;

/// <summary>A setting of the search and what it gave at 10 neighbours: one of <see cref="Recall"/>, <see cref="Probes"/> and <see cref="EfSearch"/> was set.</summary>
/// <param name="Recall">The setting of <see cref="SearchOptions.Recall"/>; null where another was set.</param>
/// <param name="Probes">The setting of <see cref="SearchOptions.Probes"/>; null where another was set.</param>
/// <param name="Figure">What was measured.</param>
public sealed record TuningPoint(double? Recall, int? Probes, RecallFigure Figure)
{
    /// <summary>The setting of <see cref="SearchOptions.EfSearch"/>; null where another was set.</summary>
    public int? EfSearch { get; init; }
}

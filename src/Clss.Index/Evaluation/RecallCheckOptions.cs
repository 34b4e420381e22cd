namespace Clss.Index.Evaluation;

/// <summary>What a measurement of recall asks, and how its searches are done.</summary>
public sealed record RecallCheckOptions
{
    /// <summary>
    /// The searches to measure: <see cref="SearchOptions.Recall"/>, <see cref="SearchOptions.Probes"/> or <see cref="SearchOptions.EfSearch"/>, the partition and the filter.
    /// <see cref="SearchOptions.K"/> is not used: 1, 10 and 100 are measured.
    /// </summary>
    public SearchOptions Search { get; init; } = new() { K = 10 };

    /// <summary>
    /// How many stored rows to ask for, at most; drawn from the searched partition, whether or not they pass the filter. A row is left out of its own answer.
    /// </summary>
    public int Sample { get; init; } = 1000;

    /// <summary>Further queries [n, dimension], asked beside the sample.</summary>
    public ReadOnlyMemory<float> Queries { get; init; }

    /// <summary>Searches are done for this long before any is timed: the first of a process run code that is not yet optimised.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The same seed draws the same rows.</summary>
    public int Seed { get; init; } = 42;
}

namespace Clss.Index.Evaluation;

/// <summary>What searches for K neighbours found of the K that an exact search finds.</summary>
public sealed record RecallFigure
{
    /// <summary>Neighbours asked for.</summary>
    public required int K { get; init; }

    /// <summary>
    /// The mean over queries of the share of the K nearest rows that was found. A row as similar as the K-th nearest counts as found: which of several equal
    /// rows comes back makes no difference.
    /// </summary>
    public required double Recall { get; init; }

    /// <summary>The lower end of the 95 % confidence interval of <see cref="Recall"/>.</summary>
    public required double Low { get; init; }

    /// <summary>The upper end.</summary>
    public required double High { get; init; }

    /// <summary>The share of queries whose answer was complete: no nearer row was missed.</summary>
    public required double Complete { get; init; }

    /// <summary>The share of queries whose search proved that its answer is complete; see <see cref="SearchReport.IsExact"/>.</summary>
    public required double Certified { get; init; }

    /// <summary>Processor time of a search, one at a time on one thread, in microseconds; the mean over queries.</summary>
    public required double Microseconds { get; init; }
}

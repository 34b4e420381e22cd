namespace Clss.Index.Evaluation;

/// <summary>The settings of a search that reach a recall, and the curve they were found on.</summary>
public sealed record TuningReport
{
    /// <summary>The recall at 10 neighbours that was asked for.</summary>
    public required double Target { get; init; }

    /// <summary>Queries asked that have an answer.</summary>
    public required int Queries { get; init; }

    /// <summary>How many of <see cref="Queries"/> are stored rows.</summary>
    public required int StoredQueries { get; init; }

    /// <summary>The index of the searched partitions: the name of a kind in lower case ("exact", "cells", "hnsw"), or "mixed" where they differ.</summary>
    public required string IndexKind { get; init; }

    /// <summary>The smallest setting of <see cref="SearchOptions.Recall"/> that reached the target; 1, an exact search, where no other did.</summary>
    public required TuningPoint ByRecall { get; init; }

    /// <summary>The smallest number of probes that reached the target; null where the searched partitions have no cells, or where all cells are not enough.</summary>
    public required TuningPoint? ByProbes { get; init; }

    /// <summary>The smallest number of candidates that reached the target; null where the searched partitions have no graph, or where as many as rows are not enough.</summary>
    public required TuningPoint? ByEfSearch { get; init; }

    /// <summary>All that was measured: settings of the recall in ascending order, then numbers of probes, then of candidates.</summary>
    public required IReadOnlyList<TuningPoint> Curve { get; init; }

    /// <summary>Processor time of an exact search for 10 neighbours, in microseconds; timed on at most 200 of the queries.</summary>
    public required double ExactMicroseconds { get; init; }
}

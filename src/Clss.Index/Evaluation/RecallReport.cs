namespace Clss.Index.Evaluation;

/// <summary>How exact searches through an index are, measured against exact searches.</summary>
public sealed record RecallReport
{
    /// <summary>Queries asked that have an answer.</summary>
    public required int Queries { get; init; }

    /// <summary>How many of <see cref="Queries"/> are stored rows.</summary>
    public required int StoredQueries { get; init; }

    /// <summary>The index of the searched partitions: the name of a kind in lower case ("exact", "cells", "hnsw"), or "mixed" where they differ.</summary>
    public required string IndexKind { get; init; }

    /// <summary>The figures at 1, 10 and 100 neighbours.</summary>
    public required IReadOnlyList<RecallFigure> Figures { get; init; }

    /// <summary>Processor time of an exact search for as many neighbours as the figure of the same place, in microseconds; timed on at most 200 of the queries.</summary>
    public required IReadOnlyList<double> ExactMicroseconds { get; init; }
}

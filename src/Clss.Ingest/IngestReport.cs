namespace Clss.Ingest;

/// <summary>What an ingest did.</summary>
public sealed record IngestReport
{
    /// <summary>Rows stored or written, including those of an interrupted earlier run.</summary>
    public required long Rows { get; init; }

    /// <summary>Records that an interrupted earlier run had dealt with.</summary>
    public required long ResumedRecords { get; init; }

    /// <summary>Residues embedded by this run.</summary>
    public required long Residues { get; init; }

    /// <summary>How many records and files were not taken, by reason.</summary>
    public required IReadOnlyDictionary<string, long> Rejected { get; init; }

    /// <summary>The first rejections, to show; all of them are in <see cref="SkipReportPath"/>.</summary>
    public required IReadOnlyList<RejectedRecord> FirstRejected { get; init; }

    /// <summary>Remarks on the inputs.</summary>
    public required IReadOnlyList<InputNote> Notes { get; init; }

    /// <summary>The list of what was not taken; null when everything was taken or no list was asked for.</summary>
    public required string? SkipReportPath { get; init; }

    /// <summary>How long this run took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether an earlier run had finished the same work, so that nothing was left to do.</summary>
    public bool AlreadyComplete { get; init; }

    /// <summary>How many records and files were not taken.</summary>
    public long RejectedCount => Rejected.Values.Sum();
}

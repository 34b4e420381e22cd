namespace Clss.Ingest;

/// <summary>How records are embedded and stored.</summary>
public sealed record IngestOptions
{
    /// <summary>Tokens (residues and two more for each sequence) that are embedded at once; a longer sequence is embedded alone.</summary>
    public int BatchTokens { get; init; } = 16_384;

    /// <summary>What is at most lost by a crash: the work of this time. Commits that take long are made less often.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Records after which a commit is made even before <see cref="CommitInterval"/> is over.</summary>
    public int CommitRecords { get; init; } = 100_000;

    /// <summary>The partition in which the rows are stored.</summary>
    public string Partition { get; init; } = DomainSchema.PartitionOf(Embedder.Modality.Sequence);

    /// <summary>Where the records that were not taken are listed; null for nowhere.</summary>
    public string? SkipReportPath { get; init; }

    /// <summary>Where the progress is kept so that a later run goes on from it; null when a run cannot be resumed.</summary>
    public string? StatePath { get; init; }
}

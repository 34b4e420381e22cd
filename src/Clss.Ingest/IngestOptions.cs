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

    /// <summary>
    /// The modalities in which records are embedded, each stored in a partition of its name. Null chooses by the input: sequences as sequences, structures
    /// as structures and by their sequence.
    /// </summary>
    public IReadOnlyList<Embedder.Modality>? Modalities { get; init; }

    /// <summary>Where the records that were not taken are listed; null for nowhere.</summary>
    public string? SkipReportPath { get; init; }

    /// <summary>Where the progress is kept so that a later run goes on from it; null when a run cannot be resumed.</summary>
    public string? StatePath { get; init; }

    /// <summary>What else decides the result, as text: a later run must agree in it to go on.</summary>
    internal string Beside { get; init; } = "";

    /// <summary>The modalities in which records of an input are embedded.</summary>
    internal IReadOnlyList<Embedder.Modality> ModalitiesFor(Sources.RecordInput input) =>
        Modalities ?? (input.HasStructures ? [Embedder.Modality.Sequence, Embedder.Modality.Structure] : [Embedder.Modality.Sequence]);
}

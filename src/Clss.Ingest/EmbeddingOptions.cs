namespace Clss.Ingest;

/// <summary>What <see cref="EmbeddingWriter"/> writes.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Whether the pooled embedding is written, before the adapter and the normalisation.</summary>
    public bool Pooled { get; init; }

    /// <summary>
    /// Whether the states of all residues are written, before pooling: [L, d] for each record, one after the other, the <c>row</c> of the table
    /// being the first of them.
    /// </summary>
    public bool PerResidue { get; init; }

    /// <summary>How records are embedded. <see cref="IngestOptions.StatePath"/> is chosen by the writer.</summary>
    public IngestOptions Ingest { get; init; } = new();
}

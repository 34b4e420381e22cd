namespace Clss.Ingest;

/// <summary>What <see cref="EmbeddingWriter"/> writes.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Whether the pooled embedding is written, before the adapter and the normalisation.</summary>
    public bool Pooled { get; init; }

    /// <summary>How records are embedded. <see cref="IngestOptions.StatePath"/> is chosen by the writer.</summary>
    public IngestOptions Ingest { get; init; } = new();
}

using Clss.Index;

namespace Clss.Ingest;

/// <summary>How a database is made.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Whether a database of other inputs may be replaced. The old one stays until the new one is complete.</summary>
    public bool Overwrite { get; init; }

    /// <summary>How records are embedded and stored. <see cref="IngestOptions.StatePath"/> is chosen by the builder.</summary>
    public IngestOptions Ingest { get; init; } = new();

    /// <summary>In which form the database keeps its vectors.</summary>
    public VectorStorage Storage { get; init; }

    /// <summary>The index that the database gets.</summary>
    public IndexOptions Index { get; init; } = new();
}

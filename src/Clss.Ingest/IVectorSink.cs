namespace Clss.Ingest;

/// <summary>Where embedded records go: a collection, or an array file.</summary>
internal interface IVectorSink
{
    /// <summary>Elements of a vector.</summary>
    int Dimension { get; }

    /// <summary>Whether a key may come once only.</summary>
    bool UniqueKeys { get; }

    /// <summary>Rows stored or written so far.</summary>
    long Rows { get; }

    /// <summary>Bytes of a file beside the rows, for <see cref="IngestState.SideBytes"/>.</summary>
    long SideBytes { get; }

    /// <summary>Fills [n, <see cref="Dimension"/>].</summary>
    void Embed(ReadOnlySpan<Embedder.Inputs.ProteinSequence> sequences, Span<float> vectors, CancellationToken cancellationToken);

    /// <summary>Takes records with their vectors [n, <see cref="Dimension"/>].</summary>
    void Write(IReadOnlyList<DomainRecord> records, ReadOnlyMemory<float> vectors);

    /// <summary>Whether a record is already stored, by a commit that the state had not yet noted.</summary>
    bool Contains(DomainRecord record);

    /// <summary>Makes everything written durable.</summary>
    void Commit();
}

namespace Clss.Ingest;

/// <summary>Where records go to be embedded and kept: a collection, or an array file.</summary>
internal interface IVectorSink
{
    /// <summary>Whether a key may come once only.</summary>
    bool UniqueKeys { get; }

    /// <summary>Rows stored or written so far.</summary>
    long Rows { get; }

    /// <summary>Bytes of a file beside the rows, for <see cref="IngestState.SideBytes"/>.</summary>
    long SideBytes { get; }

    /// <summary>Why nothing can be made of a record, or null.</summary>
    RejectedRecord? Reject(DomainRecord record);

    /// <summary>Embeds records and takes their vectors.</summary>
    void Write(IReadOnlyList<DomainRecord> records, CancellationToken cancellationToken);

    /// <summary>Whether a record is already stored, by a commit that the state had not yet noted.</summary>
    bool Contains(DomainRecord record);

    /// <summary>Makes everything written durable.</summary>
    void Commit();
}

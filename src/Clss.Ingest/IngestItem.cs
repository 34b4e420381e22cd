namespace Clss.Ingest;

/// <summary>What an input gives next: a record, a rejection or a note; exactly one of the three is set.</summary>
public readonly record struct IngestItem
{
    /// <summary>Wraps a record that was taken.</summary>
    public IngestItem(DomainRecord record) => Record = record;

    /// <summary>Wraps a record or file that was not taken.</summary>
    public IngestItem(RejectedRecord rejected) => Rejected = rejected;

    /// <summary>Wraps a remark on an input.</summary>
    public IngestItem(InputNote note) => Note = note;

    /// <summary>The record, or null.</summary>
    public DomainRecord? Record { get; }

    /// <summary>The rejection, or null.</summary>
    public RejectedRecord? Rejected { get; }

    /// <summary>The note, or null.</summary>
    public InputNote? Note { get; }
}

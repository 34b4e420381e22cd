namespace Clss.Ingest.Structures;

/// <summary>What an input gives next: a chain, a rejection or a note; exactly one of the three is set.</summary>
public readonly record struct StructureItem
{
    /// <summary>Wraps a chain that was taken.</summary>
    public StructureItem(ChainBackbone chain) => Chain = chain;

    /// <summary>Wraps a chain or file that was not taken.</summary>
    public StructureItem(RejectedRecord rejected) => Rejected = rejected;

    /// <summary>Wraps a remark on an input.</summary>
    public StructureItem(InputNote note) => Note = note;

    /// <summary>The chain, or null.</summary>
    public ChainBackbone? Chain { get; }

    /// <summary>The rejection, or null.</summary>
    public RejectedRecord? Rejected { get; }

    /// <summary>The note, or null.</summary>
    public InputNote? Note { get; }
}

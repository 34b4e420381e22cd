namespace Clss.Ingest;

/// <summary>A record, or a whole file, that was not taken, and why.</summary>
/// <param name="Source">The file or stream.</param>
/// <param name="Line">The 1-based line where the record begins; 0 when it concerns the whole file.</param>
/// <param name="Id">The identifier of the record; empty when there is none.</param>
/// <param name="Reason">One of <see cref="RejectionReasons"/>: the same few words for the same cause, to count by.</param>
/// <param name="Detail">What exactly was found, and where.</param>
public sealed record RejectedRecord(string Source, long Line, string Id, string Reason, string Detail)
{
    /// <summary>The place, the record, the reason and the detail in one line.</summary>
    public override string ToString() =>
        $"{(Line > 0 ? $"{Source}({Line})" : Source)}: {(Id.Length > 0 ? Id + ": " : "")}{Reason}: {Detail}";
}

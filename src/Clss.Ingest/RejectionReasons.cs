namespace Clss.Ingest;

/// <summary>The reasons for which a record is not taken.</summary>
public static class RejectionReasons
{
    /// <summary>Structure vectors were asked for, and the record is a sequence.</summary>
    public const string NoCoordinates = "no coordinates";

    /// <summary>The header has no identifier.</summary>
    public const string NoIdentifier = "no identifier";

    /// <summary>The header is damaged or beyond every use.</summary>
    public const string BadHeader = "bad header";

    /// <summary>The record has no residues.</summary>
    public const string EmptySequence = "empty sequence";

    /// <summary>The sequence holds a character that is no residue.</summary>
    public const string InvalidCharacter = "invalid character";

    /// <summary>The sequence is longer than allowed.</summary>
    public const string TooLong = "too long";

    /// <summary>The identifier was seen before, with another sequence.</summary>
    public const string DuplicateId = "duplicate id";

    /// <summary>The identifier and the sequence were both seen before.</summary>
    public const string DuplicateRecord = "duplicate record";

    /// <summary>The file ends, or is damaged, inside this record.</summary>
    public const string BrokenFile = "broken file";

    /// <summary>The file is no FASTA file or cannot be read.</summary>
    public const string UnreadableFile = "unreadable file";

    /// <summary>A ready vector has a value that is no number, or is zero.</summary>
    public const string BadVector = "bad vector";
}

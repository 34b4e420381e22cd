namespace Clss.Ingest.Formats.MmCif;

/// <summary>The tokens of CIF text.</summary>
internal enum CifTokenKind
{
    End,
    Value,
    QuotedValue,
    Tag,
    Loop,
    Data,
    Save,
    Stop,
}

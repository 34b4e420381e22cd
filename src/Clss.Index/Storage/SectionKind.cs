namespace Clss.Index.Storage;

/// <summary>What a section holds. The numbers are part of the format.</summary>
internal enum SectionKind
{
    Schema = 1,
    Vectors = 2,
    Codes = 3,
    CodeScales = 4,
    KeyOffsets = 5,
    KeyText = 6,
    KeyTable = 7,
    Log = 8,
    Presence = 16,
    Integers = 17,
    Reals = 18,
    Flags = 19,
    TextOffsets = 20,
    Text = 21,
    RowCodes = 22,
    DictionaryOffsets = 23,
    DictionaryText = 24,
    ListOffsets = 25,
    ListCodes = 26,
    CellRows = 32,
    CellCentroids = 33,
    CellSpreads = 34,
    GroupCells = 35,
    GroupCentroids = 36,
    GroupSpreads = 37,
    RecallMargins = 38,
    WriteOrder = 39,
    HnswGraph = 40,
}

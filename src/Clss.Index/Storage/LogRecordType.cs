namespace Clss.Index.Storage;

/// <summary>The first byte of a log record's body. The numbers are part of the format.</summary>
internal enum LogRecordType : byte
{
    Upsert = 1,
    Delete = 2,
    AddColumns = 3,
    Commit = 4,
}

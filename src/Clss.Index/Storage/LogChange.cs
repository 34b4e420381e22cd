namespace Clss.Index.Storage;

/// <summary>One change since the generation, as the log records it.</summary>
internal abstract record LogChange
{
    private LogChange()
    {
    }

    /// <summary>A row was written: its number among the recent rows.</summary>
    public sealed record Upsert(int RecentRow) : LogChange;

    /// <summary>A row was removed.</summary>
    public sealed record Delete(string Partition, string Key) : LogChange;

    /// <summary>Columns were added.</summary>
    public sealed record AddColumns(IReadOnlyList<ColumnDefinition> Columns) : LogChange;
}

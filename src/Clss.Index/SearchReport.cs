namespace Clss.Index;

/// <summary>How a search went.</summary>
public readonly record struct SearchReport
{
    /// <summary>
    /// Whether what was found is proven to be what an exact search finds: every row was compared that may be as near as the farthest one found, counting as
    /// ruled out what the distance of a cell's farthest row rules out. Where it is false the result may still be exact.
    /// </summary>
    public required bool IsExact { get; init; }

    /// <summary>Cells whose rows were compared.</summary>
    public required int CellsScanned { get; init; }

    /// <summary>Rows that qualify and were compared, by their codes or by their vectors.</summary>
    public required long RowsCompared { get; init; }
}

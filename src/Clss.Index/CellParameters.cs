namespace Clss.Index;

/// <summary>How rows are divided into cells.</summary>
public sealed record CellParameters
{
    /// <summary>The largest <see cref="RowsPerCell"/>.</summary>
    public const int MaximumRowsPerCell = 1 << 20;

    /// <summary>Rows in a cell on average; 0 chooses by the number of rows (64 at 1 million, more beyond).</summary>
    public int RowsPerCell { get; init; }
}

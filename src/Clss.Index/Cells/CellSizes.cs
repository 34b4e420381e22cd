namespace Clss.Index.Cells;

/// <summary>How many cells and groups a number of rows is divided into.</summary>
internal readonly record struct CellSizes(int Cells, int Groups)
{
    // A search looks at all groups, at the cells of some, and at the rows of few cells: the sum is least with about 64 rows in a cell and 32 cells in a
    // group at 1 M rows, and both grow slowly with the number of rows (docs/design/index.md has the figures).
    private const double RowsOfReference = 1e6;
    private const double RowsPerCellOfReference = 64;
    private const double CellsPerGroupOfReference = 32;
    private const double Growth = 0.25;

    /// <summary>The sizes for a number of rows; <paramref name="rowsPerCell"/> 0 leaves the choice to the table above.</summary>
    public static CellSizes For(int rows, int rowsPerCell)
    {
        double growth = Math.Pow(Math.Max(1, rows / RowsOfReference), Growth);
        double perCell = rowsPerCell > 0 ? rowsPerCell : RowsPerCellOfReference * growth;
        int cells = (int)Math.Max(1, Math.Round(rows / perCell));
        int groups = (int)Math.Max(1, Math.Round(cells / (CellsPerGroupOfReference * growth)));
        return new CellSizes(cells, groups);
    }
}

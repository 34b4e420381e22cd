namespace Clss.Index.Cells;

/// <summary>
/// How the rows of a partition are divided: into cells of near rows, and cells into groups. Cells of a group follow one another, padded with cells
/// without rows to a multiple of 16.
/// </summary>
internal sealed record CellLayout
{
    /// <summary>The rows in the order of their cells, within a cell in ascending order.</summary>
    public required int[] Order { get; init; }

    /// <summary>Cell c has the places from CellStarts[c] to CellStarts[c + 1] of <see cref="Order"/>.</summary>
    public required int[] CellStarts { get; init; }

    /// <summary>The mean of each cell's rows [cells, stride].</summary>
    public required float[] Centroids { get; init; }

    /// <summary>Of each cell, the deviation of its rows from the mean along one direction, and the greatest distance of a row from it [cells, 2].</summary>
    public required float[] Spreads { get; init; }

    /// <summary>Group g has the cells from GroupCells[g] to GroupCells[g + 1].</summary>
    public required int[] GroupCells { get; init; }

    /// <summary>The mean of each group's rows [groups, stride].</summary>
    public required float[] GroupCentroids { get; init; }

    /// <summary>The same as <see cref="Spreads"/> for groups [groups, 2].</summary>
    public required float[] GroupSpreads { get; init; }
}

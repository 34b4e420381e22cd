using System.Numerics;

namespace Clss.Index.Flat;

/// <summary>Collects what a <see cref="SearchReport"/> says, while a search runs for which one is wanted.</summary>
internal sealed class SearchTally
{
    private int _cells;
    private long _rows;
    private float _leftOut;
    private bool _mayMiss;

    public void Begin() => (_cells, _rows, _leftOut, _mayMiss) = (0, 0, float.NegativeInfinity, false);

    /// <summary>Adds the rows of a range that was scanned.</summary>
    public void AddScan(in ScanRange range)
    {
        for (int tile = range.FirstTile; tile < range.EndTile; tile++)
        {
            _rows += BitOperations.PopCount(range.Wanted(tile));
        }
    }

    public void AddRows(long rows) => _rows += rows;

    /// <summary>Adds a cell that was scanned, with its rows that qualify.</summary>
    public void AddCell(int rows)
    {
        _cells++;
        _rows += rows;
    }

    /// <summary>Notes that no row that was left out is more similar than this.</summary>
    public void LeaveOut(float similarity) => _leftOut = Math.Max(_leftOut, similarity);

    /// <summary>Notes that rows were left out of which nothing is known.</summary>
    public void MayMiss() => _mayMiss = true;

    /// <summary>The report of a search that found nothing worse than <paramref name="worst"/>, -∞ where it found fewer rows than it may.</summary>
    public SearchReport Report(float worst) => new()
    {
        IsExact = !_mayMiss && (float.IsNegativeInfinity(_leftOut) || _leftOut < worst),
        CellsScanned = _cells,
        RowsCompared = _rows,
    };
}

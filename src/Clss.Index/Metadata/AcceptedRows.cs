using Clss.Index.Cells;

namespace Clss.Index.Metadata;

/// <summary>The rows that a filter accepts: a bit for each row of the generation, and for each recent row.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Version">The version of the rows at which it was evaluated.</param>
/// <param name="Base">Bits of the generation's rows.</param>
/// <param name="Recent">Bits of the recent rows.</param>
internal sealed record AcceptedRows(Filter Filter, long Version, ulong[] Base, ulong[] Recent)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CellIndex, CellSelection> _selections = [];

    /// <summary>What the filter leaves of a partition of cells; worked out when it is asked for first.</summary>
    public CellSelection Selection(CellIndex index, ulong[] alive)
    {
        lock (_lock)
        {
            if (!_selections.TryGetValue(index, out CellSelection? selection))
            {
                selection = new CellSelection(index, alive, Base);
                _selections.Add(index, selection);
            }

            return selection;
        }
    }
}

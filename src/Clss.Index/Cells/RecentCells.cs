using Clss.Index.Flat;
using Clss.Index.Storage;

namespace Clss.Index.Cells;

/// <summary>
/// Which cells the recent rows would lie in, so that a search looks at those of the cells that it scans and not at all. Rows of a cell form a chain, the
/// newest first. Rows far from every cell, and rows of partitions without cells, form a chain of their own that every search looks at.
/// </summary>
internal sealed unsafe class RecentCells : IDisposable
{
    /// <summary>Up to so many recent rows a scan of all takes no longer.</summary>
    public const int FewRows = 512;

    // A row is far where it lies twice as far from the mean of its cell as the cell's rows do on average: the cell's deviation says little about it.
    private const float Far = 2;

    private readonly Generation _generation;
    private readonly int[]?[] _newest;
    private readonly SearchScratch _scratch;
    private int[] _previous = [];

    public RecentCells(Generation generation)
    {
        _generation = generation;
        _scratch = new SearchScratch(generation.Stride);
        _newest = new int[]?[generation.Schema.Partitions.Count];
        for (int i = 0; i < _newest.Length; i++)
        {
            if (generation.Cells(i) is CellIndex cells)
            {
                _newest[i] = new int[cells.CellCount];
                Array.Fill(_newest[i]!, -1);
            }
        }
    }

    /// <summary>The newest recent row that every search looks at, or -1.</summary>
    public int NewestOutside { get; private set; } = -1;

    /// <summary>The newest recent row of a cell, or -1.</summary>
    public int Newest(int partition, int cell) => _newest[partition]![cell];

    /// <summary>The row before in the same chain, or -1.</summary>
    public int Previous(int row) => _previous[row];

    /// <summary>Adds the next recent row. Its vector has unit length.</summary>
    public void Add(int row, int partition, ReadOnlySpan<float> vector)
    {
        if (row >= _previous.Length)
        {
            Array.Resize(ref _previous, Math.Max(1024, _previous.Length * 2));
        }

        int[]? newest = partition < _newest.Length ? _newest[partition] : null;
        int cell = newest is null ? -1 : Find(_generation.Cells(partition)!, vector);
        if (cell < 0)
        {
            _previous[row] = NewestOutside;
            NewestOutside = row;
        }
        else
        {
            _previous[row] = newest![cell];
            newest[cell] = row;
        }
    }

    public void Dispose() => _scratch.Dispose();

    /// <summary>The cell nearest to a vector, or -1 where it is far from all.</summary>
    private int Find(CellIndex index, ReadOnlySpan<float> vector)
    {
        _scratch.SetQuery(vector, vector.Length);
        int cell = CellSearcher.NearestCell(index, _scratch);
        float* mean = index.Centroid(cell, _scratch.Stride);
        double distance = 0;
        for (int j = 0; j < vector.Length; j++)
        {
            distance += ((double)vector[j] - mean[j]) * ((double)vector[j] - mean[j]);
        }

        float deviation = index.Cells.Deviations[cell];
        return distance <= Far * Far * deviation * deviation * _scratch.Stride ? cell : -1;
    }
}

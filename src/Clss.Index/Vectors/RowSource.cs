namespace Clss.Index.Vectors;

/// <summary>Rows in the order of a list: those of a mapped generation and those in memory, by one number.</summary>
internal readonly unsafe struct RowSource
{
    private readonly StoredVectors _first;
    private readonly float* _second;
    private readonly int _rowsOfFirst;
    private readonly int[]? _order;
    private readonly int _start;

    /// <summary>Rows [count, stride] one after the other.</summary>
    public RowSource(float* rows, int count, int stride)
        : this(new StoredVectors(rows, stride), count)
    {
    }

    /// <summary>The first rows of some.</summary>
    public RowSource(in StoredVectors rows, int count)
    {
        _first = rows;
        _rowsOfFirst = count;
        Count = count;
    }

    /// <summary>The rows that a part of <paramref name="order"/> lists; numbers from <paramref name="rowsOfFirst"/> on count in the second block.</summary>
    public RowSource(in StoredVectors first, int rowsOfFirst, float* second, int[] order, int start, int count)
    {
        _first = first;
        _second = second;
        _rowsOfFirst = rowsOfFirst;
        _order = order;
        _start = start;
        Count = count;
    }

    public int Count { get; }

    public int Stride => _first.Stride;

    /// <summary>How far the length of a row may be from 1.</summary>
    public double LengthError => _first.LengthError;

    /// <summary>The elements [stride] of row i: where they lie, or in the caller's room [stride].</summary>
    public float* Row(int i, float* room)
    {
        int row = _order is null ? i : _order[_start + i];
        return row < _rowsOfFirst ? _first.Row(row, room) : _second + ((long)(row - _rowsOfFirst) * Stride);
    }

    /// <summary>Writes the first elements of row i.</summary>
    public void CopyTo(int i, Span<float> destination)
    {
        int row = _order is null ? i : _order[_start + i];
        if (row < _rowsOfFirst)
        {
            _first.CopyTo(row, destination);
        }
        else
        {
            new ReadOnlySpan<float>(_second + ((long)(row - _rowsOfFirst) * Stride), destination.Length).CopyTo(destination);
        }
    }
}

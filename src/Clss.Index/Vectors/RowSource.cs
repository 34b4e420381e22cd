namespace Clss.Index.Vectors;

/// <summary>Rows of floats in the order of a list: those of a mapped generation and those in memory, by one number.</summary>
internal readonly unsafe struct RowSource
{
    private readonly float* _first;
    private readonly float* _second;
    private readonly int _rowsOfFirst;
    private readonly int[]? _order;
    private readonly int _start;

    /// <summary>Rows [count, stride] one after the other.</summary>
    public RowSource(float* rows, int count, int stride)
    {
        _first = rows;
        _rowsOfFirst = count;
        Stride = stride;
        Count = count;
    }

    /// <summary>The rows that a part of <paramref name="order"/> lists; numbers from <paramref name="rowsOfFirst"/> on count in the second block.</summary>
    public RowSource(float* first, int rowsOfFirst, float* second, int stride, int[] order, int start, int count)
    {
        _first = first;
        _second = second;
        _rowsOfFirst = rowsOfFirst;
        _order = order;
        _start = start;
        Stride = stride;
        Count = count;
    }

    public int Count { get; }

    public int Stride { get; }

    /// <summary>The elements [stride] of row i.</summary>
    public float* this[int i]
    {
        get
        {
            int row = _order is null ? i : _order[_start + i];
            return row < _rowsOfFirst ? _first + ((long)row * Stride) : _second + ((long)(row - _rowsOfFirst) * Stride);
        }
    }
}

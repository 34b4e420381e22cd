namespace Clss.Index.Hnsw;

/// <summary>The memory of one level of a graph that grows.</summary>
internal sealed unsafe class LevelStorage : IDisposable
{
    private readonly NativeArray<int> _links = new();
    private readonly NativeArray<int> _rows = new();
    private readonly NativeArray<int> _down = new();
    private readonly bool _isLowest;

    public LevelStorage(int degree, bool isLowest)
    {
        Degree = degree;
        _isLowest = isLowest;
    }

    public int Degree { get; }

    public int Count { get; private set; }

    /// <summary>The level as walks see it; valid until nodes are added.</summary>
    public GraphLevel Level => new()
    {
        Count = Count,
        Degree = Degree,
        Links = _links.Pointer,
        Rows = _isLowest ? null : _rows.Pointer,
        Down = _isLowest ? null : _down.Pointer,
    };

    /// <summary>Adds nodes without links until there are this many.</summary>
    public void Grow(int count)
    {
        long start = _links.Length;
        _links.Resize((long)count * Degree);
        _links.Fill(start, 0xFF);
        if (!_isLowest)
        {
            _rows.Resize(count);
            _down.Resize(count);
        }

        Count = count;
    }

    /// <summary>Adds a node without links to an upper level; returns its slot.</summary>
    public int Append(int row, int down)
    {
        int slot = Count;
        Grow(slot + 1);
        _rows.Pointer[slot] = row;
        _down.Pointer[slot] = down;
        return slot;
    }

    public void Dispose()
    {
        _links.Dispose();
        _rows.Dispose();
        _down.Dispose();
    }
}

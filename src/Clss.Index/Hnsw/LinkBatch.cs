namespace Clss.Index.Hnsw;

/// <summary>Inserts a batch of rows: their own links first, side by side, then the links back to them, node by node.</summary>
internal sealed unsafe class LinkBatch : IDisposable
{
    private const int RowsAtATime = 8;
    private const int NodesAtATime = 32;

    private readonly HnswGraph _graph;
    private readonly List<LevelStorage> _levels;
    private readonly NativeArray<ulong> _edges = new();
    private readonly List<int> _groups = [];
    private int _edgeCount;

    public LinkBatch(HnswGraph graph, List<LevelStorage> levels)
    {
        _graph = graph;
        _levels = levels;
    }

    /// <summary>Inserts rows of given levels; one that rises above the levels that exist must be alone.</summary>
    public void Insert(float* vectors, ReadOnlySpan<int> rows, ReadOnlySpan<int> levels, Action refresh, BuildCrew crew)
    {
        var tops = new (int Level, int Node)[rows.Length];
        int highest = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            tops[i] = (levels[i], Place(rows[i], levels[i]));
            highest = Math.Max(highest, tops[i].Level);
        }

        refresh();
        if (_graph.Entry >= 0)
        {
            Link(vectors, tops, crew);
        }

        if (_graph.Entry < 0 || highest >= _graph.LevelCount)
        {
            _graph.LevelCount = highest + 1;
            _graph.Entry = tops[0].Node;
        }
    }

    /// <summary>Links nodes, each given by its level and node where it is highest, on that level and all below.</summary>
    public void Link(float* vectors, (int Level, int Node)[] tops, BuildCrew crew)
    {
        crew.Run(tops.Length, RowsAtATime, (worker, i) => FindLinks(worker, vectors, tops[i].Level, tops[i].Node));
        int highest = tops.Length == 0 ? -1 : tops.Max(top => top.Level);
        for (int level = Math.Min(highest, _graph.LevelCount - 1); level >= 0; level--)
        {
            CollectEdges(level, tops);
            LinkBack(level, vectors, crew);
        }
    }

    /// <summary>Notes that a node shall be linked from another.</summary>
    public void AddEdge(int from, int to)
    {
        if (_edgeCount == _edges.Length)
        {
            _edges.Resize(Math.Max(1024, 2L * _edgeCount));
        }

        _edges.Pointer[_edgeCount++] = ((ulong)(uint)from << 32) | (uint)to;
    }

    /// <summary>Adds the edges noted on one level to the links of the nodes they come from, and forgets them.</summary>
    public void LinkBack(int level, float* vectors, BuildCrew crew)
    {
        new Span<ulong>(_edges.Pointer, _edgeCount).Sort();
        _groups.Clear();
        for (int i = 0; i < _edgeCount; i++)
        {
            if (i == 0 || _edges.Pointer[i] >> 32 != _edges.Pointer[i - 1] >> 32)
            {
                _groups.Add(i);
            }
        }

        _groups.Add(_edgeCount);
        crew.Run(_groups.Count - 1, NodesAtATime, (worker, group) =>
        {
            ulong* first = _edges.Pointer + _groups[group];
            worker.AddLinks(_graph, level, vectors, (int)(*first >> 32), new ReadOnlySpan<ulong>(first, _groups[group + 1] - _groups[group]));
        });
        _edgeCount = 0;
    }

    public void Dispose() => _edges.Dispose();

    /// <summary>Gives the row a slot on each upper level up to its own; returns its node on the highest.</summary>
    private int Place(int row, int top)
    {
        int node = row;
        for (int level = 1; level <= top; level++)
        {
            if (level == _levels.Count)
            {
                _levels.Add(new LevelStorage(_graph.Parameters.M, isLowest: false));
            }

            node = _levels[level].Append(row, node);
        }

        return node;
    }

    /// <summary>Algorithm 1 of Malkov &amp; Yashunin, arXiv:1603.09320, as far as it concerns the new row's own links.</summary>
    private void FindLinks(BuildWorker worker, float* vectors, int top, int node)
    {
        int level = top;
        while (level >= _graph.LevelCount)
        {
            node = _graph.Levels[level].Down[node];
            level--;
        }

        int row = _graph.Levels[level].RowOf(node);
        worker.Scratch.Query.Set(vectors + ((long)row * _graph.VectorStride), _graph.CodeScale);
        int entry = GraphWalk.Descend(_graph, level, worker.Scratch);
        for (; level >= 0; level--)
        {
            int* links = _graph.Levels[level].LinksOf(node);
            int nearest = worker.FindLinks(_graph, level, vectors, node, entry, _graph.Parameters.M, links);
            if (level > 0)
            {
                node = _graph.Levels[level].Down[node];
                entry = GraphWalk.Down(_graph, level, nearest);
            }
        }
    }

    private void CollectEdges(int level, (int Level, int Node)[] tops)
    {
        foreach ((int top, int topNode) in tops)
        {
            if (top < level)
            {
                continue;
            }

            int node = topNode;
            for (int above = top; above > level; above--)
            {
                node = _graph.Levels[above].Down[node];
            }

            int* links = _graph.Levels[level].LinksOf(node);
            for (int i = 0; i < _graph.Levels[level].Degree && links[i] != GraphLevel.End; i++)
            {
                AddEdge(links[i], node);
            }
        }
    }
}

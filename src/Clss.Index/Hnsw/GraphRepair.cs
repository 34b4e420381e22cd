namespace Clss.Index.Hnsw;

/// <summary>
/// Carries a graph over to rows of new numbers, some of them gone. A node that linked to removed ones keeps its other links and chooses as many further
/// ones among what the removed ones linked to, so that ways that led through a removed node still lead on, and lists stay as long as they were. (After
/// FreshDiskANN, arXiv:2105.09613, algorithm 4, with the selection of HNSW beside the links that stay, and links in both directions.)
/// </summary>
internal sealed unsafe class GraphRepair : IDisposable
{
    private const int NodesAtATime = 64;

    // Edges noted before they are linked back; bounds the memory of a repair.
    private const int NodesPerPass = 1 << 17;

    private readonly HnswGraph _old;
    private readonly HnswGraph _graph;
    private readonly int[] _newRowOfOld;
    private readonly NativeArray<int>[] _newNodeOfOld;
    private readonly NativeArray<int>[] _oldNodeOfNew;

    /// <summary>A repair of an old graph into one whose levels are to be filled by <see cref="PlaceNodes"/>.</summary>
    public GraphRepair(HnswGraph old, int[] newRowOfOld, HnswGraph graph)
    {
        _old = old;
        _graph = graph;
        _newRowOfOld = newRowOfOld;
        _newNodeOfOld = new NativeArray<int>[old.LevelCount];
        _oldNodeOfNew = new NativeArray<int>[old.LevelCount];
        for (int level = 0; level < old.LevelCount; level++)
        {
            _newNodeOfOld[level] = new NativeArray<int>(old.Levels[level].Count);
            _oldNodeOfNew[level] = new NativeArray<int>();
        }
    }

    /// <summary>Gives every row that stays its nodes on all levels, without links; level 0 of the new graph exists.</summary>
    public void PlaceNodes(List<LevelStorage> levels)
    {
        for (int level = 0; level < _old.LevelCount; level++)
        {
            GraphLevel old = _old.Levels[level];
            NativeArray<int> oldNodes = _oldNodeOfNew[level];
            oldNodes.Resize(level == 0 ? levels[0].Count : old.Count);
            oldNodes.Fill(0, 0xFF);
            for (int node = 0; node < old.Count; node++)
            {
                int placed = _newRowOfOld[RowOf(level, node)];
                if (placed >= 0 && level > 0)
                {
                    if (level == levels.Count)
                    {
                        levels.Add(new LevelStorage(old.Degree, isLowest: false));
                    }

                    placed = levels[level].Append(placed, _newNodeOfOld[level - 1].Pointer[GraphWalk.Down(_old, level, node)]);
                }

                _newNodeOfOld[level].Pointer[node] = placed;
                if (placed >= 0)
                {
                    oldNodes.Pointer[placed] = node;
                }
            }
        }
    }

    /// <summary>Links the nodes of one level; returns those from which, or to which, no link leads any more.</summary>
    public List<int> LinkLevel(int level, float* vectors, LinkBatch batch, BuildCrew crew)
    {
        int count = _graph.Levels[level].Count;
        crew.Run(count, NodesAtATime, (worker, node) => Link(worker, level, vectors, node));
        for (int start = 0; start < count; start += NodesPerPass)
        {
            for (int node = start; node < Math.Min(count, start + NodesPerPass); node++)
            {
                NoteNewEdges(level, node, batch);
            }

            batch.LinkBack(level, vectors, crew);
        }

        return Alone(level);
    }

    public void Dispose()
    {
        foreach (NativeArray<int> nodes in _newNodeOfOld.Concat(_oldNodeOfNew))
        {
            nodes.Dispose();
        }
    }

    private List<int> Alone(int level)
    {
        GraphLevel nodes = _graph.Levels[level];
        var isReached = new bool[nodes.Count];
        for (int node = 0; node < nodes.Count; node++)
        {
            int* links = nodes.LinksOf(node);
            for (int i = 0; i < nodes.Degree && links[i] != GraphLevel.End; i++)
            {
                isReached[links[i]] = true;
            }
        }

        var alone = new List<int>();
        for (int node = 0; nodes.Count > 1 && node < nodes.Count; node++)
        {
            bool isOld = _oldNodeOfNew[level].Pointer[node] >= 0;
            if (isOld && (!isReached[node] || *nodes.LinksOf(node) == GraphLevel.End))
            {
                alone.Add(node);
            }
        }

        return alone;
    }

    private int RowOf(int level, int node)
    {
        int row = _old.Levels[level].RowOf(node);
        if ((uint)row >= (uint)_old.Count)
        {
            _old.ThrowBadNode(0, row);
        }

        return row;
    }

    /// <summary>The links of an old node, checked.</summary>
    private ReadOnlySpan<int> OldLinks(int level, int node)
    {
        GraphLevel nodes = _old.Levels[level];
        int count = nodes.LinkCount(node);
        for (int i = 0; i < count; i++)
        {
            if ((uint)nodes.LinksOf(node)[i] >= (uint)nodes.Count)
            {
                _old.ThrowBadNode(level, nodes.LinksOf(node)[i]);
            }
        }

        return new ReadOnlySpan<int>(nodes.LinksOf(node), count);
    }

    private void Link(BuildWorker worker, int level, float* vectors, int node)
    {
        int oldNode = _oldNodeOfNew[level].Pointer[node];
        if (oldNode < 0)
        {
            return;
        }

        int* newNodes = _newNodeOfOld[level].Pointer;
        ReadOnlySpan<int> oldLinks = OldLinks(level, oldNode);
        int* links = _graph.Levels[level].LinksOf(node);
        int count = 0;
        foreach (int linked in oldLinks)
        {
            links[count] = newNodes[linked];
            count += newNodes[linked] >= 0 ? 1 : 0;
        }

        if (count == oldLinks.Length)
        {
            return;
        }

        worker.Candidates.Clear();
        byte stamp = worker.Scratch.Visited.Next(_graph.Levels[level].Count);
        VisitedSet.Mark(worker.Scratch.Visited.Stamps, stamp, node);
        for (int i = 0; i < count; i++)
        {
            VisitedSet.Mark(worker.Scratch.Visited.Stamps, stamp, links[i]);
        }

        foreach (int linked in oldLinks)
        {
            if (newNodes[linked] >= 0)
            {
                continue;
            }

            foreach (int beyond in OldLinks(level, linked))
            {
                if (newNodes[beyond] >= 0)
                {
                    AddOnce(worker, stamp, newNodes[beyond]);
                }
            }
        }

        worker.ChooseMoreLinks(_graph, level, vectors, node, count, oldLinks.Length);
    }

    private static void AddOnce(BuildWorker worker, byte stamp, int node)
    {
        if (VisitedSet.Mark(worker.Scratch.Visited.Stamps, stamp, node) != 0)
        {
            worker.Candidates.Add(node);
        }
    }

    /// <summary>Edges that the old graph did not have are linked back, or the node that gained them might be found from nowhere.</summary>
    private void NoteNewEdges(int level, int node, LinkBatch batch)
    {
        int oldNode = _oldNodeOfNew[level].Pointer[node];
        if (oldNode < 0)
        {
            return;
        }

        ReadOnlySpan<int> oldLinks = OldLinks(level, oldNode);
        int* oldNodes = _oldNodeOfNew[level].Pointer;
        int* links = _graph.Levels[level].LinksOf(node);
        for (int i = 0; i < _graph.Levels[level].Degree && links[i] != GraphLevel.End; i++)
        {
            if (!oldLinks.Contains(oldNodes[links[i]]))
            {
                batch.AddEdge(links[i], node);
            }
        }
    }
}

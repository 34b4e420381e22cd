using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Clss.Index.Hnsw;

/// <summary>Walks from node to node towards a coded query: algorithms 2 and 5 of Malkov &amp; Yashunin, arXiv:1603.09320, over the codes.</summary>
internal static unsafe class GraphWalk
{
    /// <summary>From the entry down to a level by the steepest way; returns the node of that level, or -1 where the graph is empty.</summary>
    public static int Descend(HnswGraph graph, int toLevel, HnswScratch scratch)
    {
        int node = graph.Entry;
        for (int level = graph.LevelCount - 1; level > toLevel && node >= 0; level--)
        {
            node = Down(graph, level, Nearest(graph, level, node, scratch));
        }

        return node;
    }

    /// <summary>The same row one level below.</summary>
    public static int Down(HnswGraph graph, int level, int node)
    {
        int below = graph.Levels[level].Down[node];
        if ((uint)below >= (uint)graph.Levels[level - 1].Count)
        {
            graph.ThrowBadNode(level - 1, below);
        }

        return below;
    }

    /// <summary>
    /// The nodes nearest the query, into the scratch's pool of <paramref name="ef"/>, from a given node: the nearest node whose links were not yet
    /// followed is taken until the pool has none, or none that <paramref name="stop"/> lets pass.
    /// </summary>
    public static void Search(HnswGraph graph, int level, int entry, int ef, in StopRule stop, HnswScratch scratch)
    {
        scratch.BeginPool(ef);
        GraphLevel nodes = graph.Levels[level];
        byte* stamps = Begin(graph, level, entry, scratch, out byte stamp);
        ref CandidatePool pool = ref scratch.Pool;
        pool.Insert(CandidatePool.Key(scratch.Products[0], entry));
        ulong limit = stop.Limit(pool, scratch.Query);
        for (int next = 0; next < pool.Count;)
        {
            ulong key = pool[next];
            if (key > limit)
            {
                break;
            }

            pool.MarkExpanded(next);
            int count = Meet(graph, level, nodes, CandidatePool.Node(key), stamps, stamp, scratch.Nodes);
            int second = Unexpanded(pool, next + 1);
            if (second < pool.Count && pool[second] <= limit)
            {
                key = pool[second];
                pool.MarkExpanded(second);
                count += Meet(graph, level, nodes, CandidatePool.Node(key), stamps, stamp, scratch.Nodes + count);
                second++;
            }

            PrefetchNext(nodes, pool, second);
            Score(graph, nodes, count, scratch);
            int changed = Keep(count, scratch, ref pool, limit);
            if (changed < stop.K)
            {
                limit = stop.Limit(pool, scratch.Query);
            }

            next = Unexpanded(pool, Math.Min(next + 1, changed));
        }
    }

    /// <summary>
    /// The same over level 0, keeping the accepted rows apart: all nodes guide the walk, the accepted ones end it once <paramref name="ef"/> of them
    /// are nearer than any node whose links were not yet followed, or when a pool of <paramref name="poolSize"/> is followed to its end.
    /// </summary>
    public static void SearchAccepted(HnswGraph graph, int entry, int ef, int poolSize, in RowFilter filter, in StopRule stop, HnswScratch scratch)
    {
        scratch.BeginPool(poolSize);
        scratch.BeginAccepted(ef);
        GraphLevel nodes = graph.Levels[0];
        byte* stamps = Begin(graph, 0, entry, scratch, out byte stamp);
        ref CandidatePool pool = ref scratch.Pool;
        ref CandidatePool accepted = ref scratch.Accepted;
        ulong first = CandidatePool.Key(scratch.Products[0], entry);
        pool.Insert(first);
        if (filter.Accepts(entry))
        {
            accepted.Insert(first);
        }

        ulong limit = stop.Limit(accepted, scratch.Query);
        for (int next = 0; next < pool.Count;)
        {
            ulong key = pool[next];
            if (key > Math.Min(accepted.Limit, limit))
            {
                break;
            }

            pool.MarkExpanded(next);
            PrefetchNext(nodes, pool, next + 1);
            int count = Step(graph, 0, nodes, CandidatePool.Node(key), stamps, stamp, scratch);
            bool isNearer = false;
            for (int i = 0; i < count; i++)
            {
                ulong met = CandidatePool.Key(scratch.Products[i], scratch.Nodes[i]);
                if (met < Math.Min(accepted.Limit, limit) && filter.Accepts(scratch.Nodes[i]))
                {
                    isNearer |= accepted.Insert(met) < stop.K;
                }
            }

            if (isNearer)
            {
                limit = stop.Limit(accepted, scratch.Query);
            }

            next = Math.Min(next + 1, Keep(count, scratch, ref pool, Math.Min(limit, accepted.Limit)));
            while (next < pool.Count && (pool[next] & CandidatePool.Expanded) != 0)
            {
                next++;
            }
        }
    }

    /// <summary>The nearest node of an upper level by steps to the nearest neighbour.</summary>
    private static int Nearest(HnswGraph graph, int level, int entry, HnswScratch scratch)
    {
        GraphLevel nodes = graph.Levels[level];
        byte* stamps = Begin(graph, level, entry, scratch, out byte stamp);
        ulong best = CandidatePool.Key(scratch.Products[0], entry);
        for (ulong last = ulong.MaxValue; best != last;)
        {
            last = best;
            int count = Step(graph, level, nodes, CandidatePool.Node(best), stamps, stamp, scratch);
            for (int i = 0; i < count; i++)
            {
                best = Math.Min(best, CandidatePool.Key(scratch.Products[i], scratch.Nodes[i]));
            }
        }

        return CandidatePool.Node(best);
    }

    /// <summary>Marks and scores the node where a walk begins.</summary>
    private static byte* Begin(HnswGraph graph, int level, int entry, HnswScratch scratch, out byte stamp)
    {
        stamp = scratch.Visited.Next(graph.Levels[level].Count);
        byte* stamps = scratch.Visited.Stamps;
        stamps[entry] = stamp;
        int row = graph.Levels[level].RowOf(entry);
        if ((uint)row >= (uint)graph.Count)
        {
            graph.ThrowBadNode(0, row);
        }

        int* rows = scratch.Rows;
        rows[0] = row;
        Repeat(rows, 1);
        CodeKernel.Products(graph.Codes, rows, 1, scratch.Query, scratch.Products);
        return stamps;
    }

    /// <summary>
    /// Scores the linked nodes that were not met before, into <see cref="HnswScratch.Nodes"/> and <see cref="HnswScratch.Products"/>; returns their
    /// number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(HnswGraph graph, int level, in GraphLevel nodes, int node, byte* stamps, byte stamp, HnswScratch scratch)
    {
        int count = Meet(graph, level, nodes, node, stamps, stamp, scratch.Nodes);
        Score(graph, nodes, count, scratch);
        return count;
    }

    /// <summary>
    /// Marks the linked nodes that were not met before and asks for their codes; returns their number. One comparison finds the end of the list and a link
    /// that leads nowhere.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Meet(HnswGraph graph, int level, in GraphLevel nodes, int node, byte* stamps, byte stamp, int* met)
    {
        int* links = nodes.LinksOf(node);
        int count = 0;
        for (int i = 0; i < nodes.Degree; i++)
        {
            int linked = links[i];
            if ((uint)linked >= (uint)nodes.Count)
            {
                if (linked != GraphLevel.End)
                {
                    graph.ThrowBadNode(level, linked);
                }

                break;
            }

            met[count] = linked;
            count += VisitedSet.Mark(stamps, stamp, linked);
        }

        for (int i = 0; Sse.IsSupported && nodes.Rows == null && i < count; i++)
        {
            Sse.Prefetch0(graph.Codes + ((long)met[i] * graph.CodeStride));
        }

        return count;
    }

    /// <summary>Scores the nodes met in a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Score(HnswGraph graph, in GraphLevel nodes, int count, HnswScratch scratch)
    {
        int* scored = scratch.Nodes;
        if (nodes.Rows != null)
        {
            scored = scratch.Rows;
            for (int i = 0; i < count; i++)
            {
                scored[i] = nodes.Rows[scratch.Nodes[i]];
                if ((uint)scored[i] >= (uint)graph.Count)
                {
                    graph.ThrowBadNode(0, scored[i]);
                }
            }
        }

        Repeat(scored, count);
        CodeKernel.Products(graph.Codes, scored, count, scratch.Query, scratch.Products);
    }

    /// <summary>Puts the scored nodes that are nearer than the limit into the pool; returns the lowest position that changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Keep(int count, HnswScratch scratch, ref CandidatePool pool, ulong limit)
    {
        ulong* keys = scratch.Keys;
        int kept = 0;
        ulong before = Math.Min(limit, pool.Limit);
        for (int i = 0; i < count; i++)
        {
            keys[kept] = CandidatePool.Key(scratch.Products[i], scratch.Nodes[i]);
            kept += CandidatePool.Bit(keys[kept] < before);
        }

        int lowest = int.MaxValue;
        for (int i = 0; i < kept; i++)
        {
            if (keys[i] < pool.Limit)
            {
                lowest = Math.Min(lowest, pool.Insert(keys[i]));
            }
        }

        return lowest;
    }

    /// <summary>The first candidate from a position on whose links were not yet followed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Unexpanded(in CandidatePool pool, int position)
    {
        while (position < pool.Count && (pool[position] & CandidatePool.Expanded) != 0)
        {
            position++;
        }

        return position;
    }

    /// <summary>Rows past the last of a step, for kernels that take four at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Repeat(int* rows, int count)
    {
        int first = rows[0];
        rows[count] = first;
        rows[count + 1] = first;
        rows[count + 2] = first;
    }

    /// <summary>Asks for the links of the node that comes next, unless this step finds a nearer one.</summary>
    private static void PrefetchNext(in GraphLevel nodes, in CandidatePool pool, int next)
    {
        while (next < pool.Count && (pool[next] & CandidatePool.Expanded) != 0)
        {
            next++;
        }

        if (next == pool.Count)
        {
            return;
        }

        int* links = nodes.LinksOf(CandidatePool.Node(pool[next]));
        for (int i = 0; Sse.IsSupported && i < nodes.Degree; i += 16)
        {
            Sse.Prefetch0(links + i);
        }
    }
}

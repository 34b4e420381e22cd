using Clss.Index.Vectors;

namespace Clss.Index.Hnsw;

/// <summary>
/// Builds a graph and lets it grow. Rows are inserted in an order that the seed gives, in batches: all rows of a batch search the graph as it was before
/// the batch, side by side; then every node that gets new neighbours takes them up, in the order of their numbers. So the graph depends on vectors,
/// parameters and calls alone, never on the number of threads.
/// </summary>
/// <remarks>
/// Rows of a batch do not see each other. A batch is a small share of the graph, and neighbours in the collection's order rarely share one, so that
/// hardly a link is missed. While <see cref="Add"/> runs nothing may search <see cref="Graph"/>; between calls any number of threads may.
/// </remarks>
internal sealed unsafe class HnswBuilder : IDisposable
{
    /// <summary>A batch is at most one in this many of the rows already in the graph.</summary>
    public const int BatchShare = 64;

    /// <summary>The most rows in a batch: enough work for many threads.</summary>
    public const int LargestBatch = 8192;

    // Codes are made anew under a new scale when the rows have doubled and the scale is off by more than this share.
    private const float ScaleTolerance = 0.05f;

    private readonly HnswParameters _parameters;
    private readonly List<LevelStorage> _levels = [];
    private readonly NativeArray<byte> _codes = new();
    private readonly LinkBatch _batch;

    // Kept from call to call: rows often come one at a time.
    private readonly List<BuildWorker> _workers = [];
    private int _rowsAtScale;

    /// <summary>An empty graph for vectors of a padded length.</summary>
    public HnswBuilder(HnswParameters parameters, int vectorStride)
    {
        parameters.Validate();
        _parameters = parameters;
        Graph = new HnswGraph(parameters, vectorStride, "(memory)", "HNSW graph") { CodeScale = 1f / CodeQuantizer.MaximumCode };
        _levels.Add(new LevelStorage(2 * parameters.M, isLowest: true));
        _batch = new LinkBatch(Graph, _levels);
        Refresh();
    }

    /// <summary>The graph as it is now.</summary>
    public HnswGraph Graph { get; }

    /// <summary>Rows in the graph.</summary>
    public int Count => Graph.Count;

    /// <summary>Inserts rows [Count, rows).</summary>
    /// <param name="vectors">All rows [rows, stride]; may lie elsewhere than before.</param>
    /// <param name="rows">Rows in the graph afterwards.</param>
    /// <param name="threads">Threads to use; 0 for all cores. The result is the same.</param>
    /// <param name="cancellation">Ends the build with <see cref="OperationCanceledException"/>; the builder can then only be disposed of.</param>
    public void Add(float* vectors, int rows, int threads = 0, CancellationToken cancellation = default)
    {
        int first = Count;
        if (rows <= first)
        {
            return;
        }

        _levels[0].Grow(rows);
        Refresh();
        Encode(vectors, first, rows);
        var crew = new BuildCrew(rows - first == 1 ? 1 : threads, Graph.VectorStride, _workers, cancellation);
        Insert(vectors, InsertionOrder(first, rows), first, crew);
    }

    /// <summary>
    /// A graph over new rows, derived from an old one: rows that stay keep their links as far as they lead to rows that stay, what removed rows held
    /// together is linked anew, and rows that the old graph did not have are inserted.
    /// </summary>
    /// <param name="old">The graph to start from; it is not changed.</param>
    /// <param name="newRowOfOld">The new number of every old row, -1 where it is gone. No two are equal.</param>
    /// <param name="vectors">The new rows [rows, stride].</param>
    /// <param name="rows">Rows in the graph afterwards.</param>
    /// <param name="threads">Threads to use; 0 for all cores. The result is the same.</param>
    /// <param name="cancellation">Ends the build with <see cref="OperationCanceledException"/>.</param>
    public static HnswBuilder From(
        HnswGraph old, int[] newRowOfOld, float* vectors, int rows, int threads = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(newRowOfOld.Length, old.Count);
        var builder = new HnswBuilder(old.Parameters, old.VectorStride);
        try
        {
            // Where most rows are gone, what is left of the links says little: building anew is faster than repairing and better.
            int kept = newRowOfOld.Count(row => row >= 0);
            if (kept < old.Count / 2 || kept == 0)
            {
                builder.Add(vectors, rows, threads, cancellation);
            }
            else
            {
                builder.TakeOver(old, newRowOfOld, vectors, rows, threads, cancellation);
            }

            return builder;
        }
        catch
        {
            builder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _batch.Dispose();
        _codes.Dispose();
        foreach (BuildWorker worker in _workers)
        {
            worker.Dispose();
        }

        foreach (LevelStorage level in _levels)
        {
            level.Dispose();
        }
    }

    /// <summary>Inserts rows whose codes and places on level 0 exist, given how many are linked already.</summary>
    private void Insert(float* vectors, ReadOnlySpan<int> order, int linked, BuildCrew crew)
    {
        var levels = new int[Math.Min(LargestBatch, order.Length)];
        while (!order.IsEmpty)
        {
            int size = Math.Clamp(linked / BatchShare, 1, Math.Min(LargestBatch, order.Length));
            int taken = 0;
            while (taken < size)
            {
                levels[taken] = LevelOf(order[taken]);
                if (levels[taken] >= Graph.LevelCount)
                {
                    break;
                }

                taken++;
            }

            // A row that raises the graph is inserted by itself: rows of a batch cannot meet on a level that none had before.
            taken = Math.Max(taken, 1);
            _batch.Insert(vectors, order[..taken], levels, Refresh, crew);
            order = order[taken..];
            linked += taken;
        }
    }

    private void TakeOver(HnswGraph old, int[] newRowOfOld, float* vectors, int rows, int threads, CancellationToken cancellation)
    {
        _levels[0].Grow(rows);
        Refresh();
        Encode(vectors, 0, rows);
        var isKept = new bool[rows];
        foreach (int row in newRowOfOld)
        {
            if (row >= 0)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, rows, nameof(newRowOfOld));
                if (isKept[row])
                {
                    throw new ArgumentException($"Two old rows become row {row}.", nameof(newRowOfOld));
                }

                isKept[row] = true;
            }
        }

        var crew = new BuildCrew(threads, Graph.VectorStride, _workers, cancellation);
        using var repair = new GraphRepair(old, newRowOfOld, Graph);
        repair.PlaceNodes(_levels);
        Refresh();
        Graph.LevelCount = _levels.Count;
        Graph.Entry = _levels.Count > 1 ? 0 : Array.IndexOf(isKept, true);
        var alone = new HashSet<int>();
        for (int level = 0; level < Graph.LevelCount; level++)
        {
            foreach (int node in repair.LinkLevel(level, vectors, _batch, crew))
            {
                alone.Add(Graph.Levels[level].RowOf(node));
            }
        }

        _batch.Link(vectors, Tops(alone), crew);
        int[] added = [.. InsertionOrder(0, rows).Where(row => !isKept[row])];
        Insert(vectors, added, rows - added.Length, crew);
    }

    /// <summary>The highest level and node of each of some rows.</summary>
    private (int Level, int Node)[] Tops(HashSet<int> rows)
    {
        var tops = new SortedDictionary<int, (int Level, int Node)>();
        foreach (int row in rows)
        {
            tops[row] = (0, row);
        }

        for (int level = 1; level < Graph.LevelCount && rows.Count > 0; level++)
        {
            for (int node = 0; node < Graph.Levels[level].Count; node++)
            {
                if (rows.Contains(Graph.Levels[level].Rows[node]))
                {
                    tops[Graph.Levels[level].Rows[node]] = (level, node);
                }
            }
        }

        return [.. tops.Values];
    }

    private void Encode(float* vectors, int first, int rows)
    {
        int stride = Graph.VectorStride;
        _codes.Resize((long)rows * Graph.CodeStride);
        Graph.Codes = _codes.Pointer;
        if (rows >= 2L * _rowsAtScale)
        {
            _rowsAtScale = rows;
            float scale = RowCodes.Scale(vectors, rows, stride);
            if (Math.Abs(scale - Graph.CodeScale) > ScaleTolerance * Graph.CodeScale)
            {
                Graph.CodeScale = scale;
                first = 0;
            }
        }

        for (int row = first; row < rows; row++)
        {
            RowCodes.Encode(vectors + ((long)row * stride), stride, Graph.CodeScale, Graph.Codes + ((long)row * Graph.CodeStride));
        }
    }

    /// <summary>Brings the pointers of the graph up to date.</summary>
    private void Refresh()
    {
        for (int level = 0; level < _levels.Count; level++)
        {
            Graph.Levels[level] = _levels[level].Level;
        }
    }

    /// <summary>Rows by a hash of seed and number, so that rows that follow each other are inserted far apart.</summary>
    private int[] InsertionOrder(int first, int rows)
    {
        var keys = new ulong[rows - first];
        var order = new int[rows - first];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = first + i;
            keys[i] = Hash(first + i, 1);
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>
    /// floor(-ln(u) / ln(M)) of a uniform u that seed and row determine, by comparing u with powers of 1/M: logarithms are not the same on every platform.
    /// </summary>
    private int LevelOf(int row)
    {
        double uniform = ((Hash(row, 2) >> 11) + 1) * (1.0 / (1UL << 53));
        double share = 1.0 / _parameters.M;
        int level = 0;
        while (uniform <= share && level < HnswGraph.MaximumLevels - 1)
        {
            share /= _parameters.M;
            level++;
        }

        return level;
    }

    /// <summary>The finaliser of splitmix64 over seed, purpose and row.</summary>
    private ulong Hash(int row, ulong purpose)
    {
        ulong x = unchecked(((ulong)_parameters.Seed * 0x9E3779B97F4A7C15) + (purpose * 0xD1342543DE82EF95) + ((ulong)row * 0xAF251AF3B0F025B5));
        x = unchecked((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9);
        x = unchecked((x ^ (x >> 27)) * 0x94D049BB133111EB);
        return x ^ (x >> 31);
    }
}

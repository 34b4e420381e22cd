namespace Clss.Index.Hnsw;

/// <summary>A graph in bytes, position-independent, searched in place. Links are not read when it is opened: walks check each one that they follow.</summary>
internal static unsafe class GraphFile
{
    private const int ChunkBytes = 1 << 24;

    /// <summary>The bytes of a graph when stored.</summary>
    public static long Length(HnswGraph graph)
    {
        Span<GraphHeader.LevelPlace> places = stackalloc GraphHeader.LevelPlace[HnswGraph.MaximumLevels];
        return GraphHeader.Place(graph, places, out _);
    }

    /// <summary>Writes a graph in one piece after the other.</summary>
    public static void Write(HnswGraph graph, Action<ReadOnlySpan<byte>> write)
    {
        Span<byte> header = stackalloc byte[GraphHeader.Size];
        GraphHeader.Write(graph, header);
        write(header);
        Write(graph.Codes, (long)graph.Count * graph.CodeStride, write);
        for (int i = 0; i < graph.LevelCount; i++)
        {
            GraphLevel level = graph.Levels[i];
            Write((byte*)level.Links, (long)level.Count * level.Degree * sizeof(int), write);
            if (i > 0)
            {
                Write((byte*)level.Rows, (long)level.Count * sizeof(int), write);
                Write((byte*)level.Down, (long)level.Count * sizeof(int), write);
            }
        }
    }

    /// <summary>
    /// A graph over memory that stays where it is as long as the graph is used. Throws <see cref="CorruptCollectionException"/> naming the given file and
    /// section, or <see cref="CollectionVersionException"/>.
    /// </summary>
    /// <param name="payload">The bytes, at a multiple of 64.</param>
    /// <param name="length">Their number.</param>
    /// <param name="rows">Rows that the graph must have.</param>
    /// <param name="vectorStride">Floats per row, padded, that the graph must have been built for.</param>
    /// <param name="file">For errors.</param>
    /// <param name="section">For errors.</param>
    public static HnswGraph Open(byte* payload, long length, int rows, int vectorStride, string file, string section)
    {
        if (((nuint)payload & (GraphHeader.Alignment - 1)) != 0)
        {
            throw new CorruptCollectionException(file, section, $"The graph does not begin at a multiple of {GraphHeader.Alignment} bytes.");
        }

        var header = new ReadOnlySpan<byte>(payload, (int)Math.Min(length, GraphHeader.Size));
        HnswGraph graph = GraphHeader.Read(header, length, rows, vectorStride, file, section);
        Span<GraphHeader.LevelPlace> places = stackalloc GraphHeader.LevelPlace[HnswGraph.MaximumLevels];
        GraphHeader.Place(graph, places, out long codes);
        graph.Codes = payload + codes;
        for (int i = 0; i < graph.LevelCount; i++)
        {
            graph.Levels[i].Links = (int*)(payload + places[i].Links);
            graph.Levels[i].Rows = i == 0 ? null : (int*)(payload + places[i].Rows);
            graph.Levels[i].Down = i == 0 ? null : (int*)(payload + places[i].Down);
        }

        return graph;
    }

    /// <summary>Checks every link, row and code; throws <see cref="CorruptCollectionException"/> at the first that cannot be.</summary>
    public static void Verify(HnswGraph graph)
    {
        for (int i = 0; i < graph.LevelCount; i++)
        {
            GraphLevel level = graph.Levels[i];
            for (int node = 0; node < level.Count; node++)
            {
                VerifyLinks(graph, i, node);
                if (i > 0 && ((uint)level.Rows[node] >= (uint)graph.Count || (uint)level.Down[node] >= (uint)graph.Levels[i - 1].Count
                    || graph.Levels[i - 1].RowOf(level.Down[node]) != level.Rows[node]))
                {
                    throw graph.Corrupt($"Node {node} of level {i} names row {level.Rows[node]} and node {level.Down[node]} below, which do not belong together.");
                }
            }
        }

        VerifyCodes(graph);
    }

    private static void VerifyLinks(HnswGraph graph, int level, int node)
    {
        GraphLevel nodes = graph.Levels[level];
        int* links = nodes.LinksOf(node);
        bool ended = false;
        for (int i = 0; i < nodes.Degree; i++)
        {
            bool isEnd = links[i] == GraphLevel.End;
            if (!isEnd && (ended || links[i] == node || (uint)links[i] >= (uint)nodes.Count))
            {
                throw graph.Corrupt($"Link {i} of node {node} on level {level} leads to {links[i]}, which it cannot.");
            }

            ended |= isEnd;
        }
    }

    /// <summary>No element is coded as 0: codes are -127 to 127, plus 128.</summary>
    private static void VerifyCodes(HnswGraph graph)
    {
        for (int row = 0; row < graph.Count; row++)
        {
            if (new ReadOnlySpan<byte>(graph.Codes + ((long)row * graph.CodeStride), graph.CodeStride).Contains((byte)0))
            {
                throw graph.Corrupt($"A code of row {row} is 0, which no number is coded as.");
            }
        }
    }

    private static void Write(byte* bytes, long length, Action<ReadOnlySpan<byte>> write)
    {
        for (long done = 0; done < length; done += ChunkBytes)
        {
            write(new ReadOnlySpan<byte>(bytes + done, (int)Math.Min(ChunkBytes, length - done)));
        }

        int padding = (int)(GraphHeader.Padded(length) - length);
        if (padding > 0)
        {
            Span<byte> zeros = stackalloc byte[GraphHeader.Alignment];
            zeros.Clear();
            write(zeros[..padding]);
        }
    }
}

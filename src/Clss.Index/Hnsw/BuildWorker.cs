using System.Runtime.Intrinsics.X86;

namespace Clss.Index.Hnsw;

/// <summary>What one thread of a build needs for itself.</summary>
internal sealed unsafe class BuildWorker : IDisposable
{
    public BuildWorker(int vectorStride)
    {
        Scratch = new HnswScratch(vectorStride);
        Selector = new LinkSelector(vectorStride);
    }

    public HnswScratch Scratch { get; }

    public LinkSelector Selector { get; }

    /// <summary>Nodes among which <see cref="ChooseMoreLinks"/> chooses.</summary>
    public List<int> Candidates { get; } = [];

    /// <summary>
    /// The links of a node on one level: searches from <paramref name="entry"/> with its row as query, which the scratch holds in codes, and chooses
    /// among what it finds by the vectors themselves. Returns the node found nearest, where the search of the next level begins.
    /// </summary>
    public int FindLinks(HnswGraph graph, int level, float* vectors, int self, int entry, int limit, int* links)
    {
        GraphWalk.Search(graph, level, entry, graph.Parameters.EfConstruction, default, Scratch);
        int stride = graph.VectorStride;
        GraphLevel nodes = graph.Levels[level];
        float* vector = vectors + ((long)nodes.RowOf(self) * stride);
        int count = Scratch.Pool.Count;
        Selector.Begin(count);
        const int Ahead = 8;
        for (int i = 0; i < count + Ahead; i++)
        {
            if (i < count && Sse.IsSupported)
            {
                Prefetch(vectors + ((long)nodes.RowOf(CandidatePool.Node(Scratch.Pool[i])) * stride), stride);
            }

            if (i >= Ahead)
            {
                int node = CandidatePool.Node(Scratch.Pool[i - Ahead]);
                if (node != self)
                {
                    Selector.Add(node, BuildKernel.Similarity(vector, vectors + ((long)nodes.RowOf(node) * stride), stride));
                }
            }
        }

        int chosen = Selector.Choose(vectors, nodes, limit, links);
        new Span<int>(links + chosen, nodes.Degree - chosen).Fill(GraphLevel.End);
        return Selector.Count > 0 ? Selector.Node(0) : entry;
    }

    /// <summary>
    /// Adds new nodes to the links of a node, choosing anew among all where they are too many. The new nodes are in ascending order.
    /// </summary>
    public void AddLinks(HnswGraph graph, int level, float* vectors, int node, ReadOnlySpan<ulong> edges)
    {
        GraphLevel nodes = graph.Levels[level];
        int* links = nodes.LinksOf(node);
        int count = nodes.LinkCount(node);
        if (count + edges.Length <= nodes.Degree)
        {
            foreach (ulong edge in edges)
            {
                int linked = (int)(uint)edge;
                if (!new ReadOnlySpan<int>(links, count).Contains(linked))
                {
                    links[count++] = linked;
                }
            }

            return;
        }

        int stride = graph.VectorStride;
        float* self = vectors + ((long)nodes.RowOf(node) * stride);
        for (int i = 0; Sse.IsSupported && i < count; i++)
        {
            Prefetch(vectors + ((long)nodes.RowOf(links[i]) * stride), stride);
        }

        Selector.Begin(count + edges.Length);
        for (int i = 0; i < count; i++)
        {
            Selector.Add(links[i], BuildKernel.Similarity(self, vectors + ((long)nodes.RowOf(links[i]) * stride), stride));
        }

        foreach (ulong edge in edges)
        {
            int linked = (int)(uint)edge;
            if (!new ReadOnlySpan<int>(links, count).Contains(linked))
            {
                Selector.Add(linked, BuildKernel.Similarity(self, vectors + ((long)nodes.RowOf(linked) * stride), stride));
            }
        }

        int chosen = Selector.Choose(vectors, nodes, nodes.Degree, links);
        new Span<int>(links + chosen, nodes.Degree - chosen).Fill(GraphLevel.End);
    }

    /// <summary>Chooses further links of a node, which has some already, among <see cref="Candidates"/>, until it has as many as wanted.</summary>
    public void ChooseMoreLinks(HnswGraph graph, int level, float* vectors, int node, int kept, int wanted)
    {
        GraphLevel nodes = graph.Levels[level];
        int stride = graph.VectorStride;
        float* self = vectors + ((long)nodes.RowOf(node) * stride);
        foreach (int candidate in Candidates)
        {
            if (Sse.IsSupported)
            {
                Prefetch(vectors + ((long)nodes.RowOf(candidate) * stride), stride);
            }
        }

        Selector.Begin(Candidates.Count);
        foreach (int candidate in Candidates)
        {
            Selector.Add(candidate, BuildKernel.Similarity(self, vectors + ((long)nodes.RowOf(candidate) * stride), stride));
        }

        int* links = nodes.LinksOf(node);
        int chosen = Selector.ChooseMore(vectors, nodes, kept, wanted, nodes.Degree, links);
        new Span<int>(links + chosen, nodes.Degree - chosen).Fill(GraphLevel.End);
    }

    public void Dispose()
    {
        Scratch.Dispose();
        Selector.Dispose();
    }

    private static void Prefetch(float* row, int stride)
    {
        for (int j = 0; j < stride; j += 16)
        {
            Sse.Prefetch0(row + j);
        }
    }
}

using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Hnsw;

/// <summary>Searches a graph: the walk goes by the codes, the similarity proper decides over the best it found.</summary>
internal static unsafe class HnswSearcher
{
    // Rows asked for before they are compared.
    private const int Ahead = 16;

    /// <summary>
    /// Finds rows near a query and writes them best first, ties by ordinal; returns their number. Fewer than the neighbours asked for and accepted rows
    /// there are means that the walk did not reach them: the caller then scans the accepted rows.
    /// </summary>
    /// <param name="graph">The graph over the rows.</param>
    /// <param name="vectors">The rows, as many as the graph has.</param>
    /// <param name="firstOrdinal">Ordinal of row 0.</param>
    /// <param name="query">The query [stride], of unit length.</param>
    /// <param name="settings">How thorough to be.</param>
    /// <param name="filter">Which rows may be results.</param>
    /// <param name="poolSize">With a filter, the most nodes that guide the walk; see <see cref="FilterPlan"/>.</param>
    /// <param name="scratch">Working memory for vectors of this stride.</param>
    /// <param name="neighbors">Receives the results; its length is the number asked for.</param>
    public static int Search(
        HnswGraph graph,
        in StoredVectors vectors,
        int firstOrdinal,
        float* query,
        in HnswSearchSettings settings,
        in RowFilter filter,
        int poolSize,
        HnswScratch scratch,
        Span<Neighbor> neighbors)
    {
        if (graph.Entry < 0 || neighbors.IsEmpty)
        {
            return 0;
        }

        int k = Math.Min(neighbors.Length, graph.Count);
        int ef = Math.Min(Math.Max(settings.EfSearch, k), graph.Count);
        var stop = new StopRule(settings.Reach > 0 ? k : 0, settings.Reach);
        scratch.Query.Set(query, graph.CodeScale);
        int entry = GraphWalk.Descend(graph, 0, scratch);
        if (filter.AcceptsAll)
        {
            GraphWalk.Search(graph, 0, entry, ef, stop, scratch);
            return Rescore(scratch.Pool, scratch.Query, vectors, firstOrdinal, query, neighbors);
        }

        GraphWalk.SearchAccepted(graph, entry, ef, Math.Clamp(poolSize, ef, graph.Count), filter, stop, scratch);
        return Rescore(scratch.Accepted, scratch.Query, vectors, firstOrdinal, query, neighbors);
    }

    /// <summary>
    /// Compares by the vectors what the walk found, nearest by codes first, until the next candidate cannot be among the best but by an error of its codes
    /// beyond <see cref="CodedQuery.Error"/>.
    /// </summary>
    private static int Rescore(in CandidatePool found, CodedQuery codes, in StoredVectors vectors, int firstOrdinal, float* query, Span<Neighbor> neighbors)
    {
        for (int i = 0; i < Math.Min(Ahead, found.Count); i++)
        {
            vectors.Prefetch(CandidatePool.Node(found[i]));
        }

        var best = new TopK(neighbors);
        for (int i = 0; i < found.Count && codes.Similarity(CandidatePool.Product(found[i])) >= best.Threshold - codes.Error; i++)
        {
            if (i + Ahead < found.Count)
            {
                vectors.Prefetch(CandidatePool.Node(found[i + Ahead]));
            }

            int row = CandidatePool.Node(found[i]);
            best.Offer(new Neighbor(firstOrdinal + row, vectors.Similarity(row, query)));
        }

        best.Sort();
        return best.Count;
    }
}

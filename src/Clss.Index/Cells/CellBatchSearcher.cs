using Clss.Index.Flat;
using Clss.Index.Storage;

namespace Clss.Index.Cells;

/// <summary>
/// Searches cells for many queries. Queries are taken in the order of their nearest groups, so that those that look at the same cells follow one another
/// while the cells are in the cache; each is searched as if it were alone, so the results are the same.
/// </summary>
internal readonly unsafe struct CellBatchSearcher
{
    // Small enough to keep all threads busy, large enough that queries of one group mostly stay together.
    private const int QueriesPerPiece = 64;

    private readonly SearchPlan _plan;
    private readonly RowSet _rows;
    private readonly SearchScratchPool _pool;

    public CellBatchSearcher(in SearchPlan plan, RowSet rows, SearchScratchPool pool)
    {
        _plan = plan;
        _rows = rows;
        _pool = pool;
    }

    /// <summary>Searches for queries [n, dimension]; neighbors [n, k] are sorted, counts [n].</summary>
    public void Run(ReadOnlySpan<float> vectors, int dimension, int k, Span<Neighbor> neighbors, Span<int> counts, int threads)
    {
        int queries = counts.Length;
        fixed (float* vectorPointer = vectors)
        fixed (Neighbor* neighborPointer = neighbors)
        fixed (int* countPointer = counts)
        {
            var memory = new Memory(vectorPointer, neighborPointer, countPointer, dimension, k, queries);
            var groups = new int[queries];
            var order = new int[queries];
            CellBatchSearcher self = this;
            int pieces = (queries + QueriesPerPiece - 1) / QueriesPerPiece;
            ForEachPiece(pieces, threads, piece => self.FindGroups(memory, piece, groups, order));
            Array.Sort(groups, order);
            ForEachPiece(pieces, threads, piece => self.Search(memory, piece, order));
        }
    }

    private static void ForEachPiece(int pieces, int threads, Action<int> action)
    {
        try
        {
            Work.ForEach(pieces, threads, action);
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<ClssIndexException>().FirstOrDefault() is ClssIndexException inner)
        {
            // A query that is refused is refused alike on one thread and on several.
            throw inner;
        }
    }

    private void FindGroups(Memory memory, int piece, int[] groups, int[] order)
    {
        CellIndex? index = _rows.Base.FirstCells;
        SearchScratch scratch = _pool.Take(_rows.Base.Stride);
        try
        {
            for (int query = piece * QueriesPerPiece; query < Math.Min(memory.Queries, (piece + 1) * QueriesPerPiece); query++)
            {
                scratch.SetQuery(memory.Vector(query), memory.Dimension, query);
                order[query] = query;
                groups[query] = index is null ? 0 : CellSearcher.NearestGroup(index, scratch);
            }
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    private void Search(Memory memory, int piece, int[] order)
    {
        SearchScratch scratch = _pool.Take(_rows.Base.Stride);
        try
        {
            for (int i = piece * QueriesPerPiece; i < Math.Min(memory.Queries, (piece + 1) * QueriesPerPiece); i++)
            {
                int query = order[i];
                scratch.SetQuery(memory.Vector(query), memory.Dimension, query);
                var best = new TopK(new Span<Neighbor>(memory.Neighbors + ((long)query * memory.K), memory.K));
                _plan.Run(scratch, ref best);
                best.Sort();
                memory.Counts[query] = best.Count;
            }
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    /// <summary>Where queries and results lie.</summary>
    private sealed class Memory(float* vectors, Neighbor* neighbors, int* counts, int dimension, int k, int queries)
    {
        public Neighbor* Neighbors { get; } = neighbors;

        public int* Counts { get; } = counts;

        public int Dimension { get; } = dimension;

        public int K { get; } = k;

        public int Queries { get; } = queries;

        public ReadOnlySpan<float> Vector(int query) => new(vectors + ((long)query * Dimension), Dimension);
    }
}

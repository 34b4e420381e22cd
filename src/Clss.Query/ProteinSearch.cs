using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Index;

namespace Clss.Query;

/// <summary>
/// Answers questions about proteins from a collection: query to vector, vector to neighbours, neighbours to domains.
/// Queries are taken in batches, embedded together and searched together; the answers are the same as one at a time.
/// </summary>
public sealed class ProteinSearch
{
    // A batch fills both the embedder and the scan, and is small enough that the first answers come soon.
    private const int QueriesPerBatch = 256;
    private const int ResiduesPerBatch = 65_536;
    private const int NeighborsPerBatch = 1 << 22;

    private readonly ClssEmbedder? _embedder;
    private readonly VectorCollection _collection;

    /// <summary>Creates a search over <paramref name="collection"/> with the model that its vectors were computed with.</summary>
    /// <exception cref="ModelMismatchException">The collection holds vectors of another model.</exception>
    public ProteinSearch(ClssEmbedder embedder, VectorCollection collection)
        : this(collection)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        collection.RequireModel(embedder.Fingerprint, embedder.Name);
        _embedder = embedder;
    }

    /// <summary>Creates a search for queries that are vectors already.</summary>
    public ProteinSearch(VectorCollection collection)
    {
        ArgumentNullException.ThrowIfNull(collection);
        _collection = collection;
    }

    /// <summary>Answers one query.</summary>
    /// <exception cref="ClssQueryException">The query has no meaning for this collection.</exception>
    public QueryResult Search(ProteinQuery query, SearchRequest request, CancellationToken cancellationToken = default) =>
        Search([query], request, cancellationToken).Single();

    /// <summary>Answers queries as they come, in their order, a batch at a time.</summary>
    /// <exception cref="ClssQueryException">A query has no meaning for this collection.</exception>
    public IEnumerable<QueryResult> Search(
        IEnumerable<ProteinQuery> queries, SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(request);
        if (request.K < 1)
        {
            throw new ClssQueryException($"At least one hit must be asked for; K is {request.K}.");
        }

        if (!(request.Recall is > 0 and <= 1) || request.Probes < 1 || request.EfSearch < 1)
        {
            throw new ClssQueryException($"The recall must be above 0 and at most 1, the numbers of probes and of candidates (EfSearch) at least 1; they are {request.Recall}, {request.Probes?.ToString() ?? "not set"} and {request.EfSearch?.ToString() ?? "not set"}.");
        }

        return Answers(queries, request, cancellationToken);
    }

    private IEnumerable<QueryResult> Answers(
        IEnumerable<ProteinQuery> queries, SearchRequest request, CancellationToken cancellationToken)
    {
        // Never more room than there are vectors (K may be "all"), and fewer queries at a time when K is large.
        int k = (int)Math.Clamp(_collection.Info.Count, 1, request.K);
        foreach (IReadOnlyList<ProteinQuery> batch in Batches(queries, Math.Clamp(NeighborsPerBatch / k, 1, QueriesPerBatch)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (QueryResult result in AnswerBatch(batch, request, k, cancellationToken))
            {
                yield return result;
            }
        }
    }

    private static IEnumerable<IReadOnlyList<ProteinQuery>> Batches(IEnumerable<ProteinQuery> queries, int limit)
    {
        var batch = new List<ProteinQuery>();
        long residues = 0;
        foreach (ProteinQuery query in queries)
        {
            batch.Add(query);
            residues += query is ByVector ? 0 : query.Length ?? 0;
            if (batch.Count == limit || residues >= ResiduesPerBatch)
            {
                yield return batch;
                batch = [];
                residues = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private QueryResult[] AnswerBatch(
        IReadOnlyList<ProteinQuery> batch, SearchRequest request, int k, CancellationToken cancellationToken)
    {
        int dimension = _collection.Info.Dimension;
        float[] vectors = new float[batch.Count * dimension];
        FillVectors(batch, dimension, vectors, cancellationToken);

        var options = new SearchOptions
        {
            K = k,
            Exact = request.Exact,
            Recall = request.Recall,
            Probes = request.Probes,
            EfSearch = request.EfSearch,
            Filter = request.Filter,
            Partition = request.TargetModality is Modality modality ? modality.ToName() : null,
        };
        var neighbors = new Neighbor[batch.Count * k];
        int[] counts = new int[batch.Count];
        _collection.SearchBatch(vectors, options, neighbors, counts, request.Threads);

        var results = new QueryResult[batch.Count];
        for (int i = 0; i < batch.Count; i++)
        {
            results[i] = new QueryResult(batch[i], Hits(neighbors.AsSpan(i * k, counts[i]), request.MinSimilarity));
        }

        return results;
    }

    private void FillVectors(IReadOnlyList<ProteinQuery> batch, int dimension, float[] vectors, CancellationToken cancellationToken)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch[i] is not ByVector query)
            {
                continue;
            }

            if (query.Vector.Length != dimension)
            {
                throw new ClssQueryException(
                    $"The vector of query {query.Name} has {query.Vector.Length} numbers; this database has {dimension} dimensions.");
            }

            query.Vector.Span.CopyTo(vectors.AsSpan(i * dimension, dimension));
        }

        Embed<BySequence, ProteinSequence>(
            batch, query => query.Sequence, (embedder, inputs, destination) => embedder.EmbedBatch(inputs, destination, cancellationToken), dimension, vectors);
        Embed<ByStructure, Backbone>(
            batch, query => query.Backbone, (embedder, inputs, destination) => embedder.EmbedBatch(inputs, destination, cancellationToken), dimension, vectors);
    }

    private delegate void EmbedInputs<TInput>(ClssEmbedder embedder, ReadOnlySpan<TInput> inputs, Span<float> destination);

    /// <summary>Embeds the queries of one kind together and puts each vector [dimension] in its query's row.</summary>
    private void Embed<TQuery, TInput>(
        IReadOnlyList<ProteinQuery> batch, Func<TQuery, TInput> inputOf, EmbedInputs<TInput> embed, int dimension, float[] vectors)
        where TQuery : ProteinQuery
    {
        int[] rows = [.. Enumerable.Range(0, batch.Count).Where(i => batch[i] is TQuery)];
        if (rows.Length == 0)
        {
            return;
        }

        if (_embedder is null)
        {
            throw new ClssQueryException("A query by sequence or structure needs a model: create the search with an embedder.");
        }

        TInput[] inputs = [.. rows.Select(i => inputOf((TQuery)batch[i]))];
        float[] embedded = new float[rows.Length * dimension];
        embed(_embedder, inputs, embedded);
        for (int i = 0; i < rows.Length; i++)
        {
            embedded.AsSpan(i * dimension, dimension).CopyTo(vectors.AsSpan(rows[i] * dimension, dimension));
        }
    }

    private List<ProteinHit> Hits(ReadOnlySpan<Neighbor> neighbors, float minSimilarity)
    {
        var hits = new List<ProteinHit>(neighbors.Length);
        foreach (Neighbor neighbor in neighbors)
        {
            if (neighbor.Similarity < minSimilarity)
            {
                break; // best first: the rest is below as well
            }

            Hit hit = _collection[neighbor.Ordinal];
            hits.Add(new ProteinHit
            {
                Target = hit.Key,
                TargetModality = hit.Partition,
                Similarity = neighbor.Similarity,
                Rank = hits.Count + 1,
                Metadata = hit.Metadata,
            });
        }

        return hits;
    }
}

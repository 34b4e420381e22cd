using System.Diagnostics;
using System.Runtime.InteropServices;
using Clss.Index.Vectors;

namespace Clss.Index.Evaluation;

/// <summary>Queries, and the rows that are truly nearest to each: asked once, compared with the answers of any number of settings.</summary>
internal sealed class RecallSample
{
    /// <summary>The most neighbours that can be measured.</summary>
    public const int LargestK = 100;

    // Their true neighbours are held in memory: 0.8 KB for a query.
    private const int MaximumQueries = 1_000_000;

    private const int BlockQueries = 64;
    private const int ExactQueries = 200;

    // A stored row of unit length is this similar to itself, whatever the order of summation.
    private const float SelfSimilarity = 0.9999f;

    private readonly VectorCollection _collection;
    private readonly SearchOptions _search;
    private readonly int _dimension;
    private readonly float _lengthError;
    private readonly float[] _vectors;
    private readonly IReadOnlyList<VectorEntry> _stored;
    private readonly int[] _selves;
    private readonly Neighbor[] _truth;
    private readonly int[] _counts;
    private readonly Action<int> _report;
    private readonly CancellationToken _cancellation;

    private RecallSample(
        VectorCollection collection, SearchOptions search, float[] vectors, IReadOnlyList<VectorEntry> stored, Action<int> report, CancellationToken cancellation)
    {
        _collection = collection;
        _search = search;
        _dimension = collection.Info.Dimension;
        _lengthError = (float)UnitVector.LengthError(collection.Info.Storage, _dimension);
        _vectors = vectors;
        _selves = new int[vectors.Length / _dimension];
        _truth = new Neighbor[_selves.Length * LargestK];
        _counts = new int[_selves.Length];
        _report = report;
        _cancellation = cancellation;
        _stored = stored;
    }

    /// <summary>Queries that are stored rows; they come first.</summary>
    public int Stored => _stored.Count;

    public int Count => _selves.Length;

    /// <summary>Queries for which any row qualifies, and how many of them are stored rows.</summary>
    public (int All, int Stored) Answered => (_counts.Count(count => count > 0), _counts.Take(Stored).Count(count => count > 0));

    /// <summary>Draws the sample; <see cref="FindTruth"/> comes next. <paramref name="report"/> is told of searches as they are done.</summary>
    public static RecallSample Draw(VectorCollection collection, RecallCheckOptions options, Action<int> report, CancellationToken cancellation)
    {
        List<VectorEntry> stored = DrawRows(collection, options, cancellation);
        int dimension = collection.Info.Dimension;
        if (options.Queries.Length % dimension != 0)
        {
            throw new ClssIndexException($"Expected queries of {dimension} elements each; there are {options.Queries.Length} elements.");
        }

        int count = stored.Count + (options.Queries.Length / dimension);
        if (count is 0 or > MaximumQueries)
        {
            throw new ClssIndexException(count == 0
                ? "There is nothing to ask: no row to draw from, and no queries given."
                : $"Recall is measured with at most {MaximumQueries:n0} queries; there are {count:n0}. A thousand tell it to a fraction of a percent.");
        }

        var vectors = new float[count * dimension];
        for (int i = 0; i < count; i++)
        {
            Span<float> row = vectors.AsSpan(i * dimension, dimension);
            if (i < stored.Count)
            {
                stored[i].Vector.Span.CopyTo(row);
            }
            else
            {
                UnitVector.Normalize(options.Queries.Span.Slice((i - stored.Count) * dimension, dimension), row, $"Query {i - stored.Count}");
            }
        }

        return new RecallSample(collection, options.Search, vectors, stored, report, cancellation);
    }

    /// <summary>Finds the true neighbours of every query, by the plainest way there is, which reads no index and no codes.</summary>
    public void FindTruth()
    {
        const int k = LargestK + 1;
        SearchOptions exact = _search with { K = k, Exact = true, Precision = ScanPrecision.Float32 };
        var found = new Neighbor[BlockQueries * k];
        var counts = new int[BlockQueries];
        for (int first = 0; first < Count; first += BlockQueries)
        {
            _cancellation.ThrowIfCancellationRequested();
            int queries = Math.Min(BlockQueries, Count - first);
            _collection.SearchBatch(_vectors.AsSpan(first * _dimension, queries * _dimension), exact, found, counts);
            for (int i = 0; i < queries; i++)
            {
                int query = first + i;
                ReadOnlySpan<Neighbor> all = found.AsSpan(i * k, counts[i]);
                _selves[query] = query < Stored ? Self(_stored[query], all) : -1;
                foreach (Neighbor neighbor in all)
                {
                    if (neighbor.Ordinal != _selves[query] && _counts[query] < LargestK)
                    {
                        _truth[(query * LargestK) + _counts[query]++] = neighbor;
                    }
                }
            }

            _report(queries);
        }

        if (Answered.All == 0)
        {
            throw new ClssIndexException("No row qualifies for any query: the filter accepts none besides the query itself.");
        }
    }

    /// <summary>Searches for <paramref name="k"/> neighbours of every query with the given settings, one at a time, and compares.</summary>
    public RecallFigure Measure(SearchOptions settings, int k)
    {
        var recalls = new List<double>(Count);
        int complete = 0;
        int certified = 0;
        TimeSpan time = TimeSpan.Zero;
        var found = new Neighbor[BlockQueries * (k + 1)];
        var counts = new int[BlockQueries];
        for (int first = 0; first < Count; first += BlockQueries)
        {
            int end = Math.Min(first + BlockQueries, Count);
            time += Search(settings, k, first, end, found, counts);
            _report(end - first);
            for (int query = first; query < end; query++)
            {
                if (_counts[query] > 0)
                {
                    double recall = RecallOf(query, k, found.AsSpan((query - first) * (k + 1), counts[query - first]));
                    recalls.Add(recall);
                    complete += recall >= 1 ? 1 : 0;
                    certified += IsCertified(settings, k, query) ? 1 : 0;
                }
            }
        }

        (double low, double high) = RecallInterval.Of(CollectionsMarshal.AsSpan(recalls), k);
        return new RecallFigure
        {
            K = k,
            Recall = recalls.Average(),
            Low = low,
            High = high,
            Complete = (double)complete / recalls.Count,
            Certified = (double)certified / recalls.Count,
            Microseconds = time.TotalMicroseconds / Count,
        };
    }

    /// <summary>Searches, with each of the settings in turn, until the time is over, and forgets what was found.</summary>
    public void WarmUp(TimeSpan time, params ReadOnlySpan<SearchOptions> settings)
    {
        const int k = 10;
        var found = new Neighbor[BlockQueries * (k + 1)];
        var counts = new int[BlockQueries];
        long start = Stopwatch.GetTimestamp();
        for (int block = 0; Stopwatch.GetElapsedTime(start) < time; block++)
        {
            int first = block * BlockQueries % Count;
            Search(settings[block % settings.Length], k, first, Math.Min(first + BlockQueries, Count), found, counts);
        }
    }

    /// <summary>Processor time of an exact search, in microseconds.</summary>
    public double TimeExact(int k)
    {
        int queries = Math.Min(Count, ExactQueries);
        var found = new Neighbor[BlockQueries * (k + 1)];
        var counts = new int[BlockQueries];
        TimeSpan time = TimeSpan.Zero;
        SearchOptions exact = _search with { Exact = true };
        for (int i = 0; i < queries; i += BlockQueries)
        {
            int end = Math.Min(i + BlockQueries, queries);
            time += Search(exact, k, i, end, found, counts);
            _report(end - i);
        }

        return time.TotalMicroseconds / queries;
    }

    /// <summary>Searches that <see cref="Measure"/> does.</summary>
    public long SearchesToMeasure => Count;

    /// <summary>Searches that <see cref="TimeExact"/> does.</summary>
    public long SearchesToTimeExact => Math.Min(Count, ExactQueries);

    /// <summary>Every row of the partition has the same chance (Vitter's algorithm R, 1985).</summary>
    private static List<VectorEntry> DrawRows(VectorCollection collection, RecallCheckOptions options, CancellationToken cancellation)
    {
        var drawn = new List<VectorEntry>();
        if (options.Sample < 1)
        {
            return drawn;
        }

        var random = new Random(options.Seed);
        Filter? partition = options.Search.Partition is string name ? new Filter.Equal("partition", MetadataValue.Text(name)) : null;
        long seen = 0;
        foreach (VectorEntry entry in collection.ReadAll(partition))
        {
            cancellation.ThrowIfCancellationRequested();
            seen++;
            if (drawn.Count < options.Sample)
            {
                drawn.Add(entry);
            }
            else if (random.NextInt64(seen) is long place && place < drawn.Count)
            {
                drawn[(int)place] = entry;
            }
        }

        // The first rows are those that exact searches are timed with.
        random.Shuffle(CollectionsMarshal.AsSpan(drawn));
        return drawn;
    }

    /// <summary>The ordinal of a row among its neighbours; -1 where the filter leaves it out, or more rows than were asked for are equal to it.</summary>
    private int Self(VectorEntry row, ReadOnlySpan<Neighbor> neighbors)
    {
        foreach (Neighbor neighbor in neighbors)
        {
            if (neighbor.Similarity < SelfSimilarity - _lengthError)
            {
                break;
            }

            Hit hit = _collection[neighbor.Ordinal];
            if (hit.Key == row.Key && hit.Partition == row.Partition)
            {
                return neighbor.Ordinal;
            }
        }

        return -1;
    }

    /// <summary>Searches for the queries of a block; <paramref name="found"/> [block, k + 1]. Returns the processor time.</summary>
    private TimeSpan Search(SearchOptions settings, int k, int first, int end, Neighbor[] found, int[] counts)
    {
        _cancellation.ThrowIfCancellationRequested();
        SearchOptions others = settings with { K = k };
        SearchOptions withSelf = settings with { K = k + 1 };
        TimeSpan start = ThreadClock.Now;
        for (int query = first; query < end; query++)
        {
            int place = query - first;
            counts[place] = _collection.Search(
                _vectors.AsSpan(query * _dimension, _dimension), _selves[query] >= 0 ? withSelf : others, found.AsSpan(place * (k + 1), k + 1));
        }

        return ThreadClock.Now - start;
    }

    /// <summary>Whether the search for a query proves its result, asked apart from the searches that are timed.</summary>
    private bool IsCertified(SearchOptions settings, int k, int query)
    {
        int wanted = _selves[query] >= 0 ? k + 1 : k;
        Span<Neighbor> found = stackalloc Neighbor[LargestK + 1];
        _collection.Search(_vectors.AsSpan(query * _dimension, _dimension), settings with { K = wanted }, found, out SearchReport report);
        return report.IsExact;
    }

    private double RecallOf(int query, int k, ReadOnlySpan<Neighbor> found)
    {
        ReadOnlySpan<Neighbor> truth = _truth.AsSpan(query * LargestK, Math.Min(k, _counts[query]));
        float last = truth[^1].Similarity;
        int hits = 0;
        foreach (Neighbor neighbor in found)
        {
            if (neighbor.Ordinal != _selves[query] && (neighbor.Similarity >= last || Contains(truth, neighbor.Ordinal)))
            {
                hits++;
            }
        }

        return (double)Math.Min(hits, truth.Length) / truth.Length;
    }

    private static bool Contains(ReadOnlySpan<Neighbor> neighbors, int ordinal)
    {
        foreach (Neighbor neighbor in neighbors)
        {
            if (neighbor.Ordinal == ordinal)
            {
                return true;
            }
        }

        return false;
    }
}

namespace Clss.Index.Evaluation;

/// <summary>
/// Measures how exact searches through an index are. The truth is an exact float32 scan, which reads nothing of the index. Intervals are Wilson's at 95 %,
/// with the queries as observations and the variance seen between them. The collection must not be changed meanwhile.
/// </summary>
public static class RecallCheck
{
    private const int TunedK = 10;

    // "Exact" is the last.
    private static ReadOnlySpan<double> Settings =>
    [
        0.5, 0.6, 0.7, 0.8, 0.85,
        0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98,
        0.99, 0.991, 0.992, 0.993, 0.994, 0.995, 0.996, 0.997, 0.998,
        0.999, 0.9991, 0.9992, 0.9993, 0.9994, 0.9995, 0.9996, 0.9997, 0.9998, 0.9999,
        1,
    ];

    // Of Settings: 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1. They are measured whatever the target, for the curve.
    private static ReadOnlySpan<int> CurveSettings => [0, 3, 5, 10, 14, 23, 33];

    /// <summary>Measures recall at 1, 10 and 100 neighbours with the settings of <see cref="RecallCheckOptions.Search"/>.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="options">What to ask; null for 1,000 stored rows and the usual settings.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ClssIndexException">There is nothing to ask, or nothing to find.</exception>
    public static RecallReport Measure(
        VectorCollection collection, RecallCheckOptions? options = null, IProgress<RecallProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        options ??= new RecallCheckOptions();
        string kind = KindOf(collection, options.Search.Partition);
        int[] ks = [1, 10, RecallSample.LargestK];
        long done = 0;
        long? total = null;
        RecallSample sample = RecallSample.Draw(collection, options, Report, cancellationToken);
        total = sample.Count + (ks.Length * sample.SearchesToMeasure) + (ks.Length * sample.SearchesToTimeExact);
        sample.FindTruth();
        sample.WarmUp(options.WarmUp, options.Search, options.Search with { Exact = true });
        return new RecallReport
        {
            Queries = sample.Answered.All,
            StoredQueries = sample.Answered.Stored,
            IndexKind = kind,
            Figures = [.. ks.Select(k => sample.Measure(options.Search, k))],
            ExactMicroseconds = [.. ks.Select(sample.TimeExact)],
        };

        void Report(int searches)
        {
            done += searches;
            progress?.Report(new RecallProgress(done, total));
        }
    }

    /// <summary>
    /// Finds the smallest setting of <see cref="SearchOptions.Recall"/>, and the smallest number of probes or of candidates in a graph, whose measured recall at 10
    /// neighbours reaches a target, by bisection. Recall, probes, candidates and exactness of <see cref="RecallCheckOptions.Search"/> are not used.
    /// </summary>
    /// <param name="collection">The collection.</param>
    /// <param name="recall">The target, above 0, at most 1.</param>
    /// <param name="options">What to ask; null for 1,000 stored rows.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ClssIndexException">There is nothing to ask, or nothing to find, or the target is not a recall.</exception>
    public static TuningReport Tune(
        VectorCollection collection, double recall, RecallCheckOptions? options = null, IProgress<RecallProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        if (!(recall is > 0 and <= 1))
        {
            throw new ClssIndexException($"The recall to reach must be above 0 and at most 1; it is {recall}.");
        }

        options ??= new RecallCheckOptions();
        SearchOptions search = options.Search with { Exact = false, Probes = null, EfSearch = null, Recall = 1 };
        string kind = KindOf(collection, search.Partition);
        long done = 0;
        RecallSample sample = RecallSample.Draw(collection, options with { Search = search }, Report, cancellationToken);
        sample.FindTruth();
        sample.WarmUp(options.WarmUp, search with { Recall = 0.9 }, search with { Probes = 4 }, search);
        PartitionInfo[] searched = Searched(collection, search.Partition);
        int cells = searched.Max(partition => partition.Cells);
        int linked = searched.Max(partition => partition.Index == IndexKind.Hnsw ? partition.Count : 0);
        List<TuningPoint> byRecall = [];
        List<TuningPoint> byProbes = [];
        List<TuningPoint> byEfSearch = [];
        TuningPoint tuned = TuneRecall(sample, search, recall, kind != "exact", byRecall);
        SearchOptions counted = search with { Recall = 0.99 };
        TuningPoint? probes = cells == 0
            ? null
            : TuneNumber(1, cells, recall, number => new TuningPoint(null, number, sample.Measure(counted with { Probes = number }, TunedK)), byProbes);

        // With fewer candidates than neighbours asked for, a search keeps as many as these.
        TuningPoint? efSearch = linked == 0
            ? null
            : TuneNumber(TunedK, linked, recall, number => new TuningPoint(null, null, sample.Measure(counted with { EfSearch = number }, TunedK)) { EfSearch = number }, byEfSearch);
        return new TuningReport
        {
            Target = recall,
            Queries = sample.Answered.All,
            StoredQueries = sample.Answered.Stored,
            IndexKind = kind,
            ByRecall = tuned,
            ByProbes = probes,
            ByEfSearch = efSearch,
            Curve = [.. byRecall.OrderBy(point => point.Recall), .. byProbes.OrderBy(point => point.Probes), .. byEfSearch.OrderBy(point => point.EfSearch)],
            ExactMicroseconds = sample.TimeExact(TunedK),
        };

        void Report(int searches)
        {
            done += searches;
            progress?.Report(new RecallProgress(done, null));
        }
    }

    private static TuningPoint TuneRecall(RecallSample sample, SearchOptions search, double target, bool hasIndex, List<TuningPoint> curve)
    {
        // Without an index every search is exact, whatever the setting.
        int[] first = hasIndex ? [.. CurveSettings] : [Settings.Length - 1];
        foreach (int place in first)
        {
            Measure(place);
        }

        int high = first.First(place => place == Settings.Length - 1 || Measure(place).Figure.Recall >= target);
        int low = first.LastOrDefault(place => place < high, high - 1);
        while (hasIndex && high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = Measure(middle).Figure.Recall >= target ? (low, middle) : (middle, high);
        }

        return Measure(high);

        TuningPoint Measure(int place)
        {
            double setting = Settings[place];
            TuningPoint? known = curve.Find(point => point.Recall == setting);
            if (known is null)
            {
                known = new TuningPoint(setting, null, sample.Measure(search with { Recall = setting }, TunedK));
                curve.Add(known);
            }

            return known;
        }
    }

    /// <summary>The smallest setting from <paramref name="smallest"/> on that reaches a target, found by doubling and bisection; null where the largest does not.</summary>
    private static TuningPoint? TuneNumber(int smallest, int largest, double target, Func<int, TuningPoint> measure, List<TuningPoint> curve)
    {
        var known = new Dictionary<int, TuningPoint>();
        int low = smallest - 1;
        int high = Math.Min(smallest, largest);
        while (Measure(high).Figure.Recall < target)
        {
            if (high == largest)
            {
                return null;
            }

            (low, high) = (high, (int)Math.Min(2L * high, largest));
        }

        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            (low, high) = Measure(middle).Figure.Recall >= target ? (low, middle) : (middle, high);
        }

        return Measure(high);

        TuningPoint Measure(int setting)
        {
            if (!known.TryGetValue(setting, out TuningPoint? point))
            {
                known[setting] = point = measure(setting);
                curve.Add(point);
            }

            return point;
        }
    }

    private static string KindOf(VectorCollection collection, string? partition)
    {
        IndexKind[] kinds = [.. Searched(collection, partition).Select(searched => searched.Index).Distinct()];
        return kinds.Length > 1 ? "mixed" : kinds[0].ToString().ToLowerInvariant();
    }

    private static PartitionInfo[] Searched(VectorCollection collection, string? partition)
    {
        IReadOnlyList<PartitionInfo> all = collection.Info.Partitions;
        PartitionInfo[] searched = [.. all.Where(each => partition is null || each.Name == partition)];
        return searched.Length > 0
            ? searched
            : throw new ClssIndexException(all.Count == 0 ? "The collection is empty." : $"There are no rows in a partition \"{partition}\"; there are {string.Join(", ", all.Select(each => each.Name))}.");
    }
}

using System.Diagnostics;
using Clss.Index;
using Clss.Testing.SyntheticDomains;

namespace Clss.AnnBenchmark;

/// <summary>Searches all queries with each setting and compares what is found with the true neighbours.</summary>
internal sealed class SearchBenchmark
{
    private const int K = Workload.K;

    // The compiler replaces code that runs often by a faster form within the first second.
    private const double WarmUpSeconds = 1;

    private readonly IAnnSubject _subject;
    private readonly Workload _work;
    private readonly BenchmarkOptions _options;
    private readonly Neighbor[] _neighbors;
    private readonly int[] _counts;

    public SearchBenchmark(IAnnSubject subject, Workload work, BenchmarkOptions options)
    {
        _subject = subject;
        _work = work;
        _options = options;
        _neighbors = new Neighbor[work.QueryCount * K];
        _counts = new int[work.QueryCount];
    }

    public IEnumerable<ResultLine> Run()
    {
        BuildCost build = BuildCost.Of(_subject, _work);
        foreach (AnnSetting setting in _subject.Settings)
        {
            yield return Measure(setting, build);
        }
    }

    private ResultLine Measure(AnnSetting setting, BuildCost build)
    {
        WarmUp(setting);
        var rounds = new List<Timing>();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < _options.Rounds; round++)
        {
            rounds.Add(Timing.Of(() => SearchAll(setting)));
        }

        double allocatedPerQuery = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)_options.Rounds / _work.QueryCount;
        Timing median = Timing.Median(rounds);
        double sequences = _work.IsSynthetic ? Recall(SyntheticData.SequenceQueries) : double.NaN;
        return new ResultLine
        {
            Recall = Recall(_work.QueryCount),
            QueriesPerCpuSecond = _work.QueryCount / median.CpuSeconds,
            QueriesPerSecond = _work.QueryCount / median.WallSeconds,
            Build = build,
            Label = _options.Batch ? $"{setting.Label}/batch" : setting.Label,
            More = [FormattableString.Invariant($"sequences={sequences:F5}"), FormattableString.Invariant($"allocated={allocatedPerQuery:F0}"), FormattableString.Invariant($"certified={Certified(setting):F4}")],
        };
    }

    /// <summary>The share of queries whose search proves that nothing was missed.</summary>
    private double Certified(AnnSetting setting)
    {
        int certified = 0;
        var found = new Neighbor[K];
        for (int query = 0; query < _work.QueryCount; query++)
        {
            certified += _subject.IsCertified(_work.Query(query), setting, found) ? 1 : 0;
        }

        return certified / (double)_work.QueryCount;
    }

    private void WarmUp(AnnSetting setting)
    {
        if (_options.Batch)
        {
            SearchAll(setting);
            return;
        }

        var clock = Stopwatch.StartNew();
        for (int query = 0; clock.Elapsed.TotalSeconds < WarmUpSeconds; query = (query + 1) % _work.QueryCount)
        {
            _subject.Search(_work.Query(query), setting, _neighbors.AsSpan(0, K));
        }
    }

    private void SearchAll(AnnSetting setting)
    {
        if (_options.Batch)
        {
            _subject.SearchBatch(_work.Queries, setting, _neighbors, _counts);
            return;
        }

        for (int query = 0; query < _work.QueryCount; query++)
        {
            _counts[query] = _subject.Search(_work.Query(query), setting, _neighbors.AsSpan(query * K, K));
        }
    }

    /// <summary>The share of the ten true neighbours that were found, over the first queries.</summary>
    private double Recall(int queries)
    {
        long found = 0;
        for (int query = 0; query < queries; query++)
        {
            ReadOnlySpan<int> truth = _work.Truth.AsSpan(query * GroundTruth.Depth, K);
            foreach (Neighbor neighbor in _neighbors.AsSpan(query * K, _counts[query]))
            {
                found += truth.Contains(_subject.RowOf(neighbor.Ordinal)) ? 1 : 0;
            }
        }

        return found / ((double)queries * K);
    }
}

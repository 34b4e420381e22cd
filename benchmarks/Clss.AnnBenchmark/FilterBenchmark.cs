using System.Diagnostics;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>
/// Searches under filters that let a given share of the rows through: once a stretch of the classification around the queries (agrees), once
/// the stretch on the opposite side of the ring (opposes). Queries come in groups of neighbours in the classification that share a filter. What is
/// found is compared with an exact search under the same filter.
/// </summary>
internal sealed class FilterBenchmark
{
    private const int K = Workload.K;
    private const int Groups = 100;
    private const int QueriesPerGroup = 4;

    private readonly CollectionSubject _subject;
    private readonly Workload _work;
    private readonly BenchmarkOptions _options;
    private readonly TreeOrder _order;
    private readonly List<Group> _groups;
    private readonly Neighbor[] _found = new Neighbor[QueriesPerGroup * K];
    private readonly int[] _counts = new int[QueriesPerGroup];
    private readonly Neighbor[] _expected = new Neighbor[K];

    public FilterBenchmark(CollectionSubject subject, TreeOrder order, Workload work, BenchmarkOptions options)
    {
        _subject = subject;
        _order = order;
        _work = work;
        _options = options;
        _groups = GroupsAlong(order, work.QueryCount);
    }

    public IEnumerable<ResultLine> Run()
    {
        BuildCost build = BuildCost.Of(_subject, _work);
        foreach (AnnSetting setting in _subject.Settings)
        {
            foreach (double selectivity in _options.Selectivities)
            {
                yield return Measure(setting, build, selectivity, agrees: true);
                yield return Measure(setting, build, selectivity, agrees: false);
            }
        }
    }

    private ResultLine Measure(AnnSetting setting, BuildCost build, double selectivity, bool agrees)
    {
        int width = Math.Max(1, (int)Math.Round(selectivity * _work.Rows));
        Tally total = default;
        var rounds = new List<Timing>();
        var evaluations = new List<double>();
        for (int round = -1; round < _options.Rounds; round++)
        {
            Timing sum = default;
            foreach (Group group in _groups)
            {
                int centre = agrees ? group.Centre : (int)((group.Centre + (_work.Rows / 2L)) % _work.Rows);
                AnnSetting filtered = setting with { Options = setting.Options with { Filter = _order.Stretch(centre, width) } };

                // The first search with a filter finds out which rows it accepts; the others use that.
                long start = Stopwatch.GetTimestamp();
                Search(filtered, group.Queries[0], _expected);
                evaluations.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                Timing timing = Timing.Of(() => SearchGroup(filtered, group));
                sum = new Timing(sum.CpuSeconds + timing.CpuSeconds, sum.WallSeconds + timing.WallSeconds);
                if (round < 0)
                {
                    total += Compare(filtered, group, centre, width);
                }
            }

            if (round >= 0)
            {
                rounds.Add(sum);
            }
        }

        Timing median = Timing.Median(rounds);
        int queries = _groups.Count * QueriesPerGroup;
        return new ResultLine
        {
            Recall = total.Found / (double)total.Expected,
            QueriesPerCpuSecond = queries / median.CpuSeconds,
            QueriesPerSecond = queries / median.WallSeconds,
            Build = build,
            Label = FormattableString.Invariant($"{setting.Label}/filter={selectivity}/{(agrees ? "agrees" : "opposes")}"),
            More =
            [
                FormattableString.Invariant($"true_neighbours_accepted={total.Accepted / (double)(queries * K):F3}"),
                FormattableString.Invariant($"first_search_ms={Timing.Median(evaluations):F2}"),
            ],
        };
    }

    private int Search(AnnSetting setting, int query, Span<Neighbor> neighbors) => _subject.Search(_work.Query(query), setting, neighbors);

    private void SearchGroup(AnnSetting setting, Group group)
    {
        for (int i = 0; i < QueriesPerGroup; i++)
        {
            _counts[i] = Search(setting, group.Queries[i], _found.AsSpan(i * K, K));
        }
    }

    private Tally Compare(AnnSetting setting, Group group, int centre, int width)
    {
        Tally tally = default;
        AnnSetting exact = setting with { Options = setting.Options with { Exact = true } };
        for (int i = 0; i < QueriesPerGroup; i++)
        {
            int query = group.Queries[i];
            ReadOnlySpan<Neighbor> expected = _expected.AsSpan(0, Search(exact, query, _expected));
            int found = 0;
            foreach (Neighbor neighbor in _found.AsSpan(i * K, _counts[i]))
            {
                foreach (Neighbor other in expected)
                {
                    found += neighbor.Ordinal == other.Ordinal ? 1 : 0;
                }
            }

            int accepted = 0;
            foreach (int row in _work.Truth.AsSpan(query * GroundTruth.Depth, K))
            {
                accepted += _order.Holds(centre, width, row) ? 1 : 0;
            }

            tally += new Tally(found, expected.Length, accepted);
        }

        return tally;
    }

    /// <summary>Groups of queries that follow one another in the classification, evenly spread over all queries that have one.</summary>
    private static List<Group> GroupsAlong(TreeOrder order, int queries)
    {
        (int Query, int Centre)[] placed =
        [
            .. Enumerable.Range(0, queries).Select(query => (query, order.CentreOf(query)))
                .Where(pair => pair.Item2.HasValue).Select(pair => (pair.query, pair.Item2!.Value)).OrderBy(pair => pair.Item2),
        ];
        var groups = new List<Group>();
        for (int i = 0; i < Groups; i++)
        {
            int first = (int)((placed.Length - QueriesPerGroup) * (i + 0.5) / Groups);
            ArraySegment<(int Query, int Centre)> members = new(placed, first, QueriesPerGroup);
            groups.Add(new Group(members[QueriesPerGroup / 2].Centre, [.. members.Select(member => member.Query)]));
        }

        return groups;
    }

    /// <summary>Queries that share a filter, and its place.</summary>
    private sealed record Group(int Centre, int[] Queries);

    /// <summary>Neighbours found, that an exact search finds, and of the true ones without a filter those that it accepts.</summary>
    private readonly record struct Tally(int Found, int Expected, int Accepted)
    {
        public static Tally operator +(Tally left, Tally right) =>
            new(left.Found + right.Found, left.Expected + right.Expected, left.Accepted + right.Accepted);
    }
}

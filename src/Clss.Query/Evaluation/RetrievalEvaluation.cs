using System.Numerics.Tensors;

namespace Clss.Query.Evaluation;

/// <summary>
/// Counts how often the nearest of all targets is a relative of the query, by comparing every query with every target. Products of float32 are exact in
/// float64 and are added in the order of the components, so the figures are the same on every processor and with any number of threads.
/// Of equally similar targets the one of the lower row is the nearer.
/// </summary>
public sealed class RetrievalEvaluation
{
    /// <summary>How many of the nearest count for <see cref="PartnerFigures.R10"/>.</summary>
    public const int Nearest = 10;

    // A tile of targets (32 components in float64: 64 KB) stays in the cache while a block of queries passes over it.
    private const int TargetsPerTile = 256;
    private const int QueriesPerBlock = 32;

    private readonly int[] _superfamilies;
    private readonly int[] _folds;
    private readonly bool[] _hasRelative;
    private readonly bool[] _hasDistantRelative;

    /// <summary>Takes the labels of the domains, row by row.</summary>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public RetrievalEvaluation(IReadOnlyList<string> superfamilies, IReadOnlyList<string> folds)
    {
        ArgumentNullException.ThrowIfNull(superfamilies);
        ArgumentNullException.ThrowIfNull(folds);
        if (superfamilies.Count != folds.Count)
        {
            throw new ArgumentException($"{superfamilies.Count} superfamilies, but {folds.Count} folds.", nameof(folds));
        }

        _superfamilies = Number(superfamilies);
        _folds = Number(folds);
        Dictionary<int, int> members = CountEach(_superfamilies);
        Dictionary<int, int> ofFold = CountEach(_folds);
        Dictionary<(int, int), int> ofBoth = CountEach(_superfamilies.Zip(_folds));
        _hasRelative = [.. _superfamilies.Select(superfamily => members[superfamily] > 1)];
        _hasDistantRelative = [.. _superfamilies.Zip(_folds).Select(both => ofFold[both.Second] > ofBoth[both])];
    }

    /// <summary>Number of domains n.</summary>
    public int Count => _superfamilies.Length;

    /// <summary>Domains whose superfamily has another member.</summary>
    public int Queries => _hasRelative.Count(has => has);

    /// <summary>Domains whose fold has a member of another superfamily.</summary>
    public int QueriesOwnSuperfamilyRemoved => _hasDistantRelative.Count(has => has);

    /// <summary>Compares unit vectors of all domains with unit vectors of all domains: of the same modality, or of another.</summary>
    /// <param name="queries">[n, dimension].</param>
    /// <param name="targets">[n, dimension]; row i is the partner of query i, or the query itself.</param>
    /// <param name="dimension">Components of a vector.</param>
    /// <param name="threads">Threads to use; 0 means all.</param>
    /// <param name="cancellationToken">Looked at before every block of queries.</param>
    /// <exception cref="ClssQueryException">A vector has a component that is not finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PairFigures Compare(
        ReadOnlyMemory<float> queries, ReadOnlyMemory<float> targets, int dimension, int threads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Require(queries, dimension, nameof(queries));
        Require(targets, dimension, nameof(targets));
        double[] tiles = Tile(targets.Span, dimension);
        var total = new Tally();
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? -1 : threads, CancellationToken = cancellationToken };
        Parallel.For(
            0,
            (Count + QueriesPerBlock - 1) / QueriesPerBlock,
            options,
            () => new Tally(),
            (block, _, tally) =>
            {
                CompareBlock(block * QueriesPerBlock, queries.Span, targets.Span, tiles, dimension, tally);
                return tally;
            },
            tally => total.Add(tally));
        return Figures(total);
    }

    private void CompareBlock(int first, ReadOnlySpan<float> queries, ReadOnlySpan<float> targets, double[] tiles, int dimension, Tally tally)
    {
        int count = Math.Min(QueriesPerBlock, Count - first);
        var nearest = new NearestTargets[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> partner = targets.Slice((first + i) * dimension, dimension);
            nearest[i] = new NearestTargets(first + i, _superfamilies[first + i], Similarity(queries.Slice((first + i) * dimension, dimension), partner));
        }

        Span<double> similarities = stackalloc double[TargetsPerTile];
        for (int start = 0; start < Count; start += TargetsPerTile)
        {
            ReadOnlySpan<double> tile = tiles.AsSpan(start * dimension, TargetsPerTile * dimension);
            int width = Math.Min(TargetsPerTile, Count - start);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> query = queries.Slice((first + i) * dimension, dimension);
                similarities.Clear();
                for (int k = 0; k < dimension; k++)
                {
                    TensorPrimitives.MultiplyAdd(tile.Slice(k * TargetsPerTile, TargetsPerTile), (double)query[k], similarities, similarities);
                }

                nearest[i].Look(start, similarities[..width], _superfamilies.AsSpan(start, width));
            }
        }

        foreach (NearestTargets found in nearest)
        {
            Add(found, tally);
        }
    }

    private void Add(in NearestTargets found, Tally tally)
    {
        int query = found.Query;
        if (_hasRelative[query])
        {
            tally.Superfamily += _superfamilies[found.Any] == _superfamilies[query] ? 1 : 0;
            tally.Fold += _folds[found.Any] == _folds[query] ? 1 : 0;
        }

        if (_hasDistantRelative[query])
        {
            tally.DistantFold += _folds[found.Distant] == _folds[query] ? 1 : 0;
        }

        tally.PartnerFirst += found.NearerThanPartner == 0 ? 1 : 0;
        tally.PartnerAmongNearest += found.NearerThanPartner < Nearest ? 1 : 0;
    }

    private PairFigures Figures(Tally total) => new(
        new RetrievalFigures
        {
            SuperfamilyR1 = Share(total.Superfamily, Queries),
            FoldR1 = Share(total.Fold, Queries),
            FoldR1OwnSuperfamilyRemoved = Share(total.DistantFold, QueriesOwnSuperfamilyRemoved),
            Queries = Queries,
            QueriesOwnSuperfamilyRemoved = QueriesOwnSuperfamilyRemoved,
        },
        new PartnerFigures
        {
            R1 = Share(total.PartnerFirst, Count),
            R10 = Share(total.PartnerAmongNearest, Count),
            Queries = Count,
        });

    private void Require(ReadOnlyMemory<float> vectors, int dimension, string name)
    {
        if (vectors.Length != (long)Count * dimension)
        {
            throw new ArgumentException($"Expected {Count} x {dimension} floats, found {vectors.Length}.", name);
        }

        int odd = 0;
        foreach (float value in vectors.Span)
        {
            if (!float.IsFinite(value))
            {
                throw new ClssQueryException($"The vector of domain {odd / dimension} ({name}, from 0) has a component that is not finite.");
            }

            odd++;
        }
    }

    /// <summary>Targets in tiles [tile, dimension, TargetsPerTile], the last one filled with zeros.</summary>
    private double[] Tile(ReadOnlySpan<float> targets, int dimension)
    {
        int padded = (Count + TargetsPerTile - 1) / TargetsPerTile * TargetsPerTile;
        double[] tiles = new double[checked(padded * dimension)];
        for (int target = 0; target < Count; target++)
        {
            int start = (target / TargetsPerTile * TargetsPerTile * dimension) + (target % TargetsPerTile);
            for (int k = 0; k < dimension; k++)
            {
                tiles[start + (k * TargetsPerTile)] = targets[(target * dimension) + k];
            }
        }

        return tiles;
    }

    // In the order of the tiles, so that a partner is exactly as similar here as there.
    private static double Similarity(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int k = 0; k < left.Length; k++)
        {
            sum += (double)left[k] * right[k];
        }

        return sum;
    }

    private static int[] Number(IReadOnlyList<string> labels)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. labels.Select(label => numbers.TryGetValue(label, out int number) ? number : numbers[label] = numbers.Count)];
    }

    private static Dictionary<T, int> CountEach<T>(IEnumerable<T> items)
        where T : notnull => items.CountBy(item => item).ToDictionary();

    private static double? Share(int hits, int queries) => queries == 0 ? null : (double)hits / queries;

    private sealed class Tally
    {
        private readonly Lock _lock = new();

        public int Superfamily { get; set; }

        public int Fold { get; set; }

        public int DistantFold { get; set; }

        public int PartnerFirst { get; set; }

        public int PartnerAmongNearest { get; set; }

        public void Add(Tally other)
        {
            lock (_lock)
            {
                Superfamily += other.Superfamily;
                Fold += other.Fold;
                DistantFold += other.DistantFold;
                PartnerFirst += other.PartnerFirst;
                PartnerAmongNearest += other.PartnerAmongNearest;
            }
        }
    }
}

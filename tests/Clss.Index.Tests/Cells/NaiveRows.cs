namespace Clss.Index.Tests.Cells;

/// <summary>The rows of a collection as they are when it is made, by ordinal, and what a scan of them all finds: every similarity, sorted.</summary>
internal sealed class NaiveRows
{
    private readonly (int Ordinal, VectorEntry Entry)[] _rows;

    public NaiveRows(VectorCollection collection)
    {
        Dictionary<(string, string), VectorEntry> entries = collection.ReadAll().ToDictionary(entry => (entry.Partition, entry.Key));
        _rows = new (int, VectorEntry)[entries.Count];
        if (entries.Count == 0)
        {
            return;
        }

        // A search for all rows without codes or cells tells which ordinals there are.
        var all = new Neighbor[entries.Count];
        var options = new SearchOptions { K = entries.Count, Exact = true, Precision = ScanPrecision.Float32 };
        Assert.Equal(entries.Count, collection.Search(entries.Values.First().Vector.Span, options, all));
        _rows = [.. all.Select(neighbor => neighbor.Ordinal).Order().Select(ordinal => (ordinal, Entry(collection[ordinal])))];
        Assert.Equal(entries.Count, _rows.Select(row => row.Ordinal).Distinct().Count());

        VectorEntry Entry(Hit hit) => entries[(hit.Partition, hit.Key)];
    }

    public int Count => _rows.Length;

    /// <summary>How many rows qualify.</summary>
    public int Matches(Filter? filter, string? partition) => _rows.Count(row => Qualifies(row.Entry, filter, partition));

    /// <summary>The best k, equal similarities by ordinal: LINQ's sort is stable.</summary>
    public Neighbor[] Search(float[] query, int k, Filter? filter = null, string? partition = null)
    {
        float[] unit = Unit(query);
        return
        [
            .. _rows.Where(row => Qualifies(row.Entry, filter, partition))
                .Select(row => new Neighbor(row.Ordinal, Similarity(row.Entry.Vector.Span, unit)))
                .OrderByDescending(neighbor => neighbor.Similarity)
                .Take(k),
        ];
    }

    /// <summary>The query as the collection normalises it.</summary>
    private static float[] Unit(float[] query)
    {
        double norm = Math.Sqrt(query.Sum(x => (double)x * x));
        return Math.Abs(norm - 1) <= 1e-6 ? query : [.. query.Select(x => (float)(x / norm))];
    }

    private static bool Qualifies(VectorEntry entry, Filter? filter, string? partition) =>
        (partition is null || entry.Partition == partition) && (filter is null || NaiveFilter.Accepts(filter, entry));

    private static float Similarity(ReadOnlySpan<float> row, float[] query)
    {
        Span<double> sums = stackalloc double[8];
        for (int j = 0; j < row.Length; j++)
        {
            sums[j % 8] += (double)row[j] * query[j];
        }

        return (float)(((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
    }
}

using Clss.Index;
using Clss.Testing.SyntheticDomains;

namespace Clss.AnnBenchmark;

/// <summary>
/// The rows in the order of the classification: those of a sequence cluster side by side, then those of its F-group, of its T-group, and so on. A
/// stretch of this order is a filter of any wanted size that lies around a query, or away from it.
/// </summary>
internal sealed class TreeOrder
{
    // Cluster numbers beyond this are singletons; they lie at the end of their F-group.
    private const ulong LastCluster = (1 << 24) - 1;

    private readonly SyntheticData _data = new();
    private readonly ulong[] _clusters;

    public TreeOrder(int rows)
    {
        var clusters = new ulong[rows];
        Parallel.For(0, rows, row => clusters[row] = ClusterOf(_data.LabelOfRow(row)));
        int[] order = [.. Enumerable.Range(0, rows)];
        Array.Sort(clusters, order);
        Places = new int[rows];
        for (int place = 0; place < rows; place++)
        {
            Places[order[place]] = place;
        }

        _clusters = clusters;
    }

    /// <summary>The place of each row in the order.</summary>
    public int[] Places { get; }

    /// <summary>The middle of the query's sequence cluster; null for a query without a classification.</summary>
    public int? CentreOf(int query)
    {
        if (_data.LabelOfQuery(query) is not DomainLabel label)
        {
            return null;
        }

        ulong cluster = ClusterOf(label);
        return (FirstNotBelow(cluster) + FirstNotBelow(cluster + 1)) / 2;
    }

    /// <summary>A filter for a stretch around a place; the order is a ring.</summary>
    public Filter Stretch(int centre, int width)
    {
        int rows = _clusters.Length;
        int start = (int)(((long)centre - (width / 2) + (2L * rows)) % rows);
        int end = start + width - 1;
        return end < rows
            ? Between(start, end)
            : new Filter.Any([Between(start, rows - 1), Between(0, end - rows)]);
    }

    /// <summary>True where the stretch holds the row.</summary>
    public bool Holds(int centre, int width, int row)
    {
        int rows = _clusters.Length;
        long start = ((long)centre - (width / 2) + (2L * rows)) % rows;
        return (Places[row] - start + rows) % rows < width;
    }

    private static Filter.Between Between(int low, int high) => new(CollectionSubject.PlaceColumn, MetadataValue.Integer(low), MetadataValue.Integer(high));

    /// <summary>A number of the cluster that grows along the order.</summary>
    private static ulong ClusterOf(in DomainLabel label) => (label.F * (LastCluster + 1)) + Math.Min(label.Cluster, LastCluster);

    private int FirstNotBelow(ulong cluster)
    {
        int low = 0;
        int high = _clusters.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_clusters[middle] < cluster)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

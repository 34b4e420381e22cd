namespace Clss.Index.Hnsw;

/// <summary>Decides how to search when only some rows are accepted: by a walk that passes over the others, or by a scan of the accepted ones.</summary>
internal static class FilterPlan
{
    /// <summary>Nodes that guide a walk for each it would need if accepted rows lay evenly among the others.</summary>
    private const int PoolSlack = 2;

    /// <summary>Larger pools cost more to keep in order than a scan.</summary>
    private const int LargestPool = 1 << 15;

    /// <summary>What it costs to follow the links of one node, in rows of a scan.</summary>
    private const int RowsPerStep = 32;

    /// <summary>The size of the pool that finds <paramref name="ef"/> accepted rows where they lie evenly among all.</summary>
    public static int PoolSize(long accepted, long rows, int ef) =>
        accepted >= rows ? ef : (int)Math.Min(Math.Min(rows, LargestPool), (long)Math.Ceiling((double)ef * rows / Math.Max(accepted, 1)) * PoolSlack);

    /// <summary>
    /// Whether scanning the accepted rows costs less than the walk: the walk follows about ef · rows / accepted nodes, the scan scores every accepted row.
    /// </summary>
    public static bool PrefersScan(long accepted, long rows, int ef) => accepted <= ef || (double)ef * rows / accepted * RowsPerStep >= accepted;
}

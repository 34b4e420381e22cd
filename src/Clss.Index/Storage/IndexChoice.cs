namespace Clss.Index.Storage;

/// <summary>Which index a partition gets, and why.</summary>
internal readonly record struct IndexChoice(IndexKind Kind, string Reason)
{
    // Below this many rows a scan of all codes takes about as long as a search through cells (docs/design/index.md has the figures).
    private const int SmallestForCells = 20_000;

    public static IndexChoice For(IndexOptions options, int rows)
    {
        if (rows == 0)
        {
            return new IndexChoice(IndexKind.Exact, "there are no rows");
        }

        return options.Kind switch
        {
            IndexKind.Exact => new IndexChoice(IndexKind.Exact, "asked for"),
            IndexKind.Hnsw => new IndexChoice(IndexKind.Hnsw, "asked for"),
            IndexKind.Cells => new IndexChoice(IndexKind.Cells, "asked for"),
            _ when rows < SmallestForCells => new IndexChoice(IndexKind.Exact, $"comparing all {rows:n0} rows takes no longer than an index would below {SmallestForCells:n0}"),
            _ => new IndexChoice(IndexKind.Cells, $"from {SmallestForCells:n0} rows on, cells are searched faster than all rows, and faster than a graph at any number"),
        };
    }
}

namespace Clss.Index;

/// <summary>How the rows of a partition are searched.</summary>
public enum IndexKind
{
    /// <summary>Chosen for each partition by its number of rows.</summary>
    Auto,

    /// <summary>Every row is compared.</summary>
    Exact,

    /// <summary>Rows lie in cells of near rows, and only cells that may hold a better row are compared.</summary>
    Cells,

    /// <summary>A hierarchical navigable small world graph.</summary>
    Hnsw,
}

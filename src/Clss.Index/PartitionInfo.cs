namespace Clss.Index;

/// <summary>A partition of a collection.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Count">Its rows.</param>
public sealed record PartitionInfo(string Name, int Count)
{
    /// <summary>How the rows of the last generation are searched; rows written since are compared one by one.</summary>
    public IndexKind Index { get; init; } = IndexKind.Exact;

    /// <summary>Why that index was chosen.</summary>
    public string IndexReason { get; init; } = "";

    /// <summary>Cells that have rows; 0 where the index has none.</summary>
    public int Cells { get; init; }

    /// <summary>Bytes that the index takes beside vectors and codes: in memory for cells, mapped for a graph.</summary>
    public long IndexBytes { get; init; }
}

using Clss.Index.Cells;

namespace Clss.Index.Storage;

/// <summary>Says which index partitions have, and why.</summary>
internal static class IndexReport
{
    /// <summary>The kind of index of a whole collection.</summary>
    public static string Kind(Generation generation)
    {
        IndexKind[] kinds = [.. Enumerable.Range(0, generation.Schema.Partitions.Count).Where(i => generation.Schema.Partitions[i].Count > 0).Select(i => KindOf(generation, i)).Distinct()];
        return kinds.Length > 1 ? "mixed" : Name(kinds.Length == 0 ? IndexKind.Exact : kinds[0]);
    }

    public static PartitionInfo Describe(RowSet rows, int partition)
    {
        Schema schema = rows.Base.Schema;
        var info = new PartitionInfo(rows.PartitionNames[partition], rows.PartitionCount(partition));
        if (partition >= schema.Partitions.Count || schema.Partitions[partition].Count == 0)
        {
            return info with { IndexReason = "all its rows were written since the last generation" };
        }

        CellIndex? cells = rows.Base.Cells(partition);
        return info with
        {
            Index = KindOf(rows.Base, partition),
            IndexReason = IndexChoice.For(schema.Index, schema.Partitions[partition].Count).Reason,
            Cells = cells is null ? 0 : Enumerable.Range(0, cells.CellCount).Count(cell => cells.CellStart(cell) < cells.CellEnd(cell)),
            IndexBytes = cells?.Bytes ?? 0,
        };
    }

    private static IndexKind KindOf(Generation generation, int partition) => generation.Cells(partition) is null ? IndexKind.Exact : IndexKind.Cells;

    private static string Name(IndexKind kind) => kind == IndexKind.Cells ? "cells" : "exact";
}

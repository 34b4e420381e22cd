using Clss.Index.Cells;
using Clss.Index.Hnsw;

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

    /// <summary>Whether every partition has the index that would be chosen for it now: one that was written by an older program may have none.</summary>
    public static bool HasChosenIndexes(Generation generation) => Enumerable.Range(0, generation.Schema.Partitions.Count)
        .All(i => KindOf(generation, i) == IndexChoice.For(generation.Schema.Index, generation.Schema.Partitions[i].Count).Kind);

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
            IndexReason = Reason(rows.Base, partition),
            Cells = cells is null ? 0 : Enumerable.Range(0, cells.CellCount).Count(cell => cells.CellStart(cell) < cells.CellEnd(cell)),
            IndexBytes = cells?.Bytes ?? (rows.Base.Graph(partition) is HnswGraph graph ? GraphFile.Length(graph) : 0),
        };
    }

    /// <summary>Why a partition has the index that it has. A generation may have another than would be chosen for it now: older programs build none, or fewer.</summary>
    private static string Reason(Generation generation, int partition)
    {
        IndexKind kind = KindOf(generation, partition);
        var choice = IndexChoice.For(generation.Schema.Index, generation.Schema.Partitions[partition].Count);
        return kind == choice.Kind
            ? choice.Reason
            : $"the generation was written {(kind == IndexKind.Exact ? "without an index" : $"with {InWords(kind)}")}; compaction builds {InWords(choice.Kind)}: {choice.Reason}";
    }

    private static string InWords(IndexKind kind) => kind switch
    {
        IndexKind.Cells => "cells",
        IndexKind.Hnsw => "a graph",
        _ => "no index",
    };

    private static IndexKind KindOf(Generation generation, int partition)
    {
        if (generation.Cells(partition) is not null)
        {
            return IndexKind.Cells;
        }

        return generation.Graph(partition) is null ? IndexKind.Exact : IndexKind.Hnsw;
    }

    private static string Name(IndexKind kind) => kind switch
    {
        IndexKind.Cells => "cells",
        IndexKind.Hnsw => "hnsw",
        _ => "exact",
    };
}

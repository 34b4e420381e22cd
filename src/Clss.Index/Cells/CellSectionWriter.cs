using System.Runtime.InteropServices;
using Clss.Index.Storage;

namespace Clss.Index.Cells;

/// <summary>Writes the cells of a partition as sections of a generation.</summary>
internal static class CellSectionWriter
{
    public static void Write(SectionWriter writer, int partition, CellLayout layout, float[] margins, int dimension)
    {
        int cells = layout.CellStarts.Length - 1;
        int groups = layout.GroupCells.Length - 1;
        Write(writer, SectionKind.CellRows, partition, ElementType.UInt32, layout.CellStarts.Length, 0, MemoryMarshal.AsBytes(layout.CellStarts.AsSpan()));
        WriteFloats(writer, SectionKind.CellCentroids, partition, cells, dimension, layout.Centroids);
        WriteFloats(writer, SectionKind.CellSpreads, partition, cells, 0, layout.Spreads);
        Write(writer, SectionKind.GroupCells, partition, ElementType.UInt32, layout.GroupCells.Length, 0, MemoryMarshal.AsBytes(layout.GroupCells.AsSpan()));
        WriteFloats(writer, SectionKind.GroupCentroids, partition, groups, dimension, layout.GroupCentroids);
        WriteFloats(writer, SectionKind.GroupSpreads, partition, groups, 0, layout.GroupSpreads);
        WriteMargins(writer, partition, margins);
    }

    /// <summary>Writes the table of <see cref="RecallMargins"/>.</summary>
    public static void WriteMargins(SectionWriter writer, int partition, float[] margins) =>
        WriteFloats(writer, SectionKind.RecallMargins, partition, margins.Length, 0, margins);

    private static void WriteFloats(SectionWriter writer, SectionKind kind, int partition, int count, int dimension, float[] values) =>
        Write(writer, kind, partition, ElementType.Float32, count, dimension, MemoryMarshal.AsBytes(values.AsSpan()));

    private static void Write(SectionWriter writer, SectionKind kind, int partition, ElementType type, int count, int dimension, ReadOnlySpan<byte> payload)
    {
        writer.Begin(kind, type, count, partition, dimension);
        writer.Write(payload);
        writer.End();
    }
}

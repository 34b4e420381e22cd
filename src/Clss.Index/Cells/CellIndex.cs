using Clss.Index.Storage;

namespace Clss.Index.Cells;

/// <summary>The cells of one partition of a generation, ready for searching. Rows lie in the order of their cells, so a cell is a run of rows.</summary>
internal sealed unsafe class CellIndex : IDisposable
{
    private readonly uint* _cellRows;
    private readonly uint* _groupCells;
    private float* _centroids;

    private CellIndex(int firstRow, int rows, int groups, int cells, uint* cellRows, uint* groupCells)
    {
        FirstRow = firstRow;
        Rows = rows;
        GroupCount = groups;
        CellCount = cells;
        _cellRows = cellRows;
        _groupCells = groupCells;
        Cells = null!;
        Groups = null!;
        Margins = null!;
    }

    /// <summary>The first row of the partition.</summary>
    public int FirstRow { get; }

    public int Rows { get; }

    public int GroupCount { get; }

    /// <summary>Cells, those without rows that pad groups included.</summary>
    public int CellCount { get; }

    public CodedCentroids Cells { get; private init; }

    public CodedCentroids Groups { get; private init; }

    /// <summary>Which margin gives which recall.</summary>
    public RecallMargins Margins { get; private init; }

    /// <summary>Cells in the largest group.</summary>
    public int LargestGroup { get; private init; }

    /// <summary>Bytes in memory, beside the mapped file.</summary>
    public long Bytes => Cells.Bytes + Groups.Bytes;

    /// <summary>Opens the cells of a partition, or returns null where it has none.</summary>
    public static CellIndex? Open(SectionFile file, int partition, PartitionRange range, int stride)
    {
        if (file.Find(SectionKind.CellRows, partition) is null && !HasOthers(file, partition))
        {
            return null;
        }

        Section cellRows = file.Get(SectionKind.CellRows, partition);
        int cells = CheckStarts(cellRows, range.Count);
        Section groupCells = file.Get(SectionKind.GroupCells, partition);
        int groups = CheckStarts(groupCells, cells);
        float* cellCentroids = Floats(file, SectionKind.CellCentroids, partition, cells, stride, float.MinValue);
        float* cellSpreads = Floats(file, SectionKind.CellSpreads, partition, cells, 2, 0);
        float* groupCentroids = Floats(file, SectionKind.GroupCentroids, partition, groups, stride, float.MinValue);
        float* groupSpreads = Floats(file, SectionKind.GroupSpreads, partition, groups, 2, 0);
        var index = new CellIndex(range.Start, range.Count, groups, cells, (uint*)cellRows.Payload, (uint*)groupCells.Payload)
        {
            Margins = RecallMargins.Read(file.Get(SectionKind.RecallMargins, partition)),
            LargestGroup = Enumerable.Range(0, groups).Max(group => (int)(((uint*)groupCells.Payload)[group + 1] - ((uint*)groupCells.Payload)[group])),
            Cells = new CodedCentroids(cellCentroids, cellSpreads, cells, stride, cell => ((uint*)cellRows.Payload)[cell] < ((uint*)cellRows.Payload)[cell + 1]),
            Groups = new CodedCentroids(groupCentroids, groupSpreads, groups, stride, _ => true),
        };
        index._centroids = cellCentroids;
        for (int group = 0; group <= groups; group++)
        {
            if (((uint*)groupCells.Payload)[group] % Vectors.VectorLayout.CodeBlockRows != 0)
            {
                index.Dispose();
                throw groupCells.Corrupt($"Group {group} begins at cell {((uint*)groupCells.Payload)[group]}, which is not a multiple of {Vectors.VectorLayout.CodeBlockRows}.");
            }
        }

        return index;
    }

    /// <summary>Makes the index of a layout that was not written to a file; the starts must stay where they are.</summary>
    public static CellIndex Of(CellLayout layout, float[] margins, uint* cellRows, uint* groupCells, int stride)
    {
        fixed (float* cells = layout.Centroids)
        fixed (float* cellSpreads = layout.Spreads)
        fixed (float* groups = layout.GroupCentroids)
        fixed (float* groupSpreads = layout.GroupSpreads)
        {
            int cellCount = layout.CellStarts.Length - 1;
            int groupCount = layout.GroupCells.Length - 1;
            return new CellIndex(0, layout.Order.Length, groupCount, cellCount, cellRows, groupCells)
            {
                Margins = new RecallMargins(margins),
                LargestGroup = Enumerable.Range(0, groupCount).Max(group => layout.GroupCells[group + 1] - layout.GroupCells[group]),
                Cells = new CodedCentroids(cells, cellSpreads, cellCount, stride, cell => cellRows[cell] < cellRows[cell + 1]),
                Groups = new CodedCentroids(groups, groupSpreads, groupCount, stride, _ => true),
            };
        }
    }

    /// <summary>The first row of a cell, counted in the generation.</summary>
    public int CellStart(int cell) => FirstRow + (int)_cellRows[cell];

    public int CellEnd(int cell) => FirstRow + (int)_cellRows[cell + 1];

    /// <summary>The mean of a cell's rows [stride].</summary>
    public float* Centroid(int cell, int stride) => _centroids + ((long)cell * stride);

    public int GroupStart(int group) => (int)_groupCells[group];

    public int GroupEnd(int group) => (int)_groupCells[group + 1];

    public void Dispose()
    {
        Cells.Dispose();
        Groups.Dispose();
    }

    /// <summary>Checks that starts ascend from 0 to the end; returns how many runs they bound. The file is untrusted, and searches follow them unchecked.</summary>
    private static int CheckStarts(Section section, int end)
    {
        long count = section.Header.Count;
        if (count < 2 || count > (long)int.MaxValue / 2)
        {
            throw section.Corrupt($"Expected at least 2 offsets, found {count}.");
        }

        section.Require(ElementType.UInt32, count, count * sizeof(uint));
        var starts = (uint*)section.Payload;
        for (long i = 1; i < count; i++)
        {
            if (starts[i] < starts[i - 1])
            {
                throw section.Corrupt($"Offset {i} is smaller than the one before it.");
            }
        }

        return starts[0] == 0 && starts[count - 1] == (uint)end
            ? (int)count - 1
            : throw section.Corrupt($"Expected offsets from 0 to {end}, found {starts[0]} to {starts[count - 1]}.");
    }

    private static bool HasOthers(SectionFile file, int partition)
    {
        for (SectionKind kind = SectionKind.CellRows + 1; kind <= SectionKind.RecallMargins; kind++)
        {
            bool isOfGraph = kind == SectionKind.RecallMargins && file.Find(SectionKind.HnswGraph, partition) is not null;
            if (file.Find(kind, partition) is not null && !isOfGraph)
            {
                return true;
            }
        }

        return false;
    }

    private static float* Floats(SectionFile file, SectionKind kind, int partition, int rows, int columns, float least)
    {
        Section section = file.Get(kind, partition);
        section.Require(ElementType.Float32, rows, (long)rows * columns * sizeof(float));
        var values = (float*)section.Payload;
        for (long i = 0; i < (long)rows * columns; i++)
        {
            if (!float.IsFinite(values[i]) || values[i] < least)
            {
                throw section.Corrupt($"Element {i} is {values[i]}; every element must be a finite number{(least == 0 ? " of at least 0" : "")}.");
            }
        }

        return values;
    }
}

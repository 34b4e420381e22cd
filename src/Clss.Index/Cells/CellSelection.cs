using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// What a filter leaves of a partition of cells: how many rows, which they are where they are few, and which cells and groups have any. Made once for a
/// filter, from the bitmaps of its rows and of the living ones.
/// </summary>
internal sealed unsafe class CellSelection
{
    /// <summary>Up to so many rows are compared one by one: that takes no longer than choosing cells among which few have any.</summary>
    public const int FewRows = 4096;

    // Pinned, so that a search may read it by pointer, and the collector's, because nobody knows when the last search with the filter ends.
    private readonly float[]? _deviations;

    public CellSelection(CellIndex index, ulong[] alive, ulong[] accepted)
    {
        int end = index.FirstRow + index.Rows;
        Count = BitRuns.Count(alive, accepted, index.FirstRow, end);
        if (Count <= FewRows)
        {
            Rows = new int[Count];
            BitRuns.List(alive, accepted, index.FirstRow, end, Rows);
            return;
        }

        long cells = (long)index.Cells.Blocks * VectorLayout.CodeBlockRows;
        long groups = (long)index.Groups.Blocks * VectorLayout.CodeBlockRows;
        _deviations = GC.AllocateUninitializedArray<float>((int)(cells + groups), pinned: true);
        _deviations.AsSpan().Fill(float.NegativeInfinity);
        CellDeviations = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_deviations));
        GroupDeviations = CellDeviations + cells;
        for (int group = 0; group < index.GroupCount; group++)
        {
            for (int cell = index.GroupStart(group); cell < index.GroupEnd(group); cell++)
            {
                if (BitRuns.Count(alive, accepted, index.CellStart(cell), index.CellEnd(cell)) > 0)
                {
                    CellDeviations[cell] = index.Cells.Deviations[cell];
                    GroupDeviations[group] = index.Groups.Deviations[group];
                }
            }
        }
    }

    /// <summary>The rows that are wanted.</summary>
    public int Count { get; }

    /// <summary>These rows, where they are few; else null.</summary>
    public int[]? Rows { get; }

    /// <summary>The deviations of cells, -∞ for those without wanted rows.</summary>
    public float* CellDeviations { get; }

    /// <summary>The same for groups.</summary>
    public float* GroupDeviations { get; }
}

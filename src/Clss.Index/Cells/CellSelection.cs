using System.Numerics;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// What a filter leaves of a partition of cells: how many rows, which they are where they are few, and which cells and groups have any. Made once for a
/// filter, from the bitmaps of its rows and of the living ones.
/// </summary>
internal sealed unsafe class CellSelection : IDisposable
{
    /// <summary>Up to so many rows are compared one by one: that takes no longer than choosing cells among which few have any.</summary>
    public const int FewRows = 4096;

    private readonly NativeArena? _arena;

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
        _arena = new NativeArena((cells + groups) * sizeof(float));
        CellDeviations = (float*)_arena.Pointer;
        GroupDeviations = CellDeviations + cells;
        new Span<float>(CellDeviations, (int)(cells + groups)).Fill(float.NegativeInfinity);
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

    public void Dispose() => _arena?.Dispose();
}

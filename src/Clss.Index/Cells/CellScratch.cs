using System.Runtime.InteropServices;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>The working memory of one search through cells. It grows to the largest index searched with it, and then stays.</summary>
internal sealed unsafe class CellScratch : IDisposable
{
    /// <summary>Rows that wait to be scored at most.</summary>
    public const int PendingRows = 4096;

    /// <summary>Blocks that a kernel takes at a time.</summary>
    public const int BlocksPerCall = 64;

    /// <summary>Rows of the first cells that are scored by their codes at most.</summary>
    public const int RowScoresCapacity = 4096;

    private const nuint Alignment = 64;

    private int _groups;
    private int _cells;
    private int _largestGroup;

    public CellScratch()
    {
        Pending = (int*)NativeMemory.AlignedAlloc(PendingRows * sizeof(int), Alignment);
        RowScores = (float*)NativeMemory.AlignedAlloc(RowScoresCapacity * sizeof(float), Alignment);
        Signed = (uint*)NativeMemory.AlignedAlloc(SignedQuery.Length * sizeof(uint), Alignment);
        Masks = (ushort*)NativeMemory.AlignedAlloc(BlocksPerCall * sizeof(ushort), Alignment);
    }

    /// <summary>The similarity of each group [groups, padded to 16].</summary>
    public float* GroupScores { get; private set; }

    /// <summary>Groups that may hold better rows [groups].</summary>
    public int* Groups { get; private set; }

    /// <summary>Groups opened in the first step, with their similarities [groups].</summary>
    public Neighbor* Opened { get; private set; }

    public int OpenedCount { get; set; }

    /// <summary>The similarity of each cell of one group.</summary>
    public float* CellScores { get; private set; }

    /// <summary>The similarities of the cells among which the first are chosen, and the cells: room for two groups.</summary>
    public float* FirstScores { get; private set; }

    public int* FirstCells { get; private set; }

    public int FirstCount { get; set; }

    /// <summary>Approximate similarities of the rows of the first cells.</summary>
    public float* RowScores { get; private set; }

    /// <summary>Cells to be scanned [cells].</summary>
    public int* Candidates { get; private set; }

    /// <summary>The nearest cells, where a number of them is asked for [cells].</summary>
    public Neighbor* Nearest { get; private set; }

    /// <summary>A bit for each cell that was scanned or is a candidate.</summary>
    public ulong* Scanned { get; private set; }

    /// <summary>Rows that wait to be scored.</summary>
    public int* Pending { get; private set; }

    public ushort* Masks { get; private set; }

    /// <summary>Room for a <see cref="SignedQuery"/>.</summary>
    public uint* Signed { get; private set; }

    /// <summary>Makes room for an index and marks nothing as scanned.</summary>
    public void Prepare(CellIndex index)
    {
        if (index.GroupCount > _groups)
        {
            _groups = index.GroupCount;
            GroupScores = Renew(GroupScores, VectorLayout.PaddedRows(_groups));
            Groups = Renew(Groups, VectorLayout.PaddedRows(_groups));
            Opened = Renew(Opened, _groups);
        }

        if (index.LargestGroup > _largestGroup)
        {
            _largestGroup = index.LargestGroup;
            CellScores = Renew(CellScores, VectorLayout.PaddedRows(_largestGroup));
            FirstScores = Renew(FirstScores, 2 * VectorLayout.PaddedRows(_largestGroup));
            FirstCells = Renew(FirstCells, 2 * VectorLayout.PaddedRows(_largestGroup));
        }

        if (index.CellCount > _cells)
        {
            _cells = index.CellCount;
            Candidates = Renew(Candidates, _cells);
            Nearest = Renew(Nearest, _cells);
            Scanned = Renew(Scanned, VectorLayout.Words(_cells));
        }

        OpenedCount = 0;
        FirstCount = 0;
        new Span<ulong>(Scanned, VectorLayout.Words(index.CellCount)).Clear();
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(GroupScores);
        NativeMemory.AlignedFree(Groups);
        NativeMemory.AlignedFree(Opened);
        NativeMemory.AlignedFree(CellScores);
        NativeMemory.AlignedFree(FirstScores);
        NativeMemory.AlignedFree(FirstCells);
        NativeMemory.AlignedFree(RowScores);
        NativeMemory.AlignedFree(Candidates);
        NativeMemory.AlignedFree(Nearest);
        NativeMemory.AlignedFree(Scanned);
        NativeMemory.AlignedFree(Pending);
        NativeMemory.AlignedFree(Masks);
        NativeMemory.AlignedFree(Signed);
        GroupScores = CellScores = FirstScores = RowScores = null;
        Groups = FirstCells = Candidates = Pending = null;
        Opened = Nearest = null;
        Scanned = null;
        Masks = null;
        Signed = null;
        (_groups, _cells, _largestGroup) = (0, 0, 0);
    }

    private static T* Renew<T>(T* old, long count)
        where T : unmanaged
    {
        NativeMemory.AlignedFree(old);
        return (T*)NativeMemory.AlignedAlloc((nuint)count * (nuint)sizeof(T), Alignment);
    }
}

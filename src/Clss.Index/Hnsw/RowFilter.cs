using System.Runtime.CompilerServices;

namespace Clss.Index.Hnsw;

/// <summary>Which rows may be results: those set in every bitmap given. A null bitmap accepts all.</summary>
internal readonly unsafe struct RowFilter
{
    private readonly ulong* _alive;
    private readonly ulong* _accepted;

    /// <summary>Bitmaps with a bit for every row, in 64-bit words.</summary>
    public RowFilter(ulong* alive, ulong* accepted)
    {
        _alive = alive;
        _accepted = accepted;
    }

    public bool AcceptsAll => _alive == null && _accepted == null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Accepts(int row)
    {
        ulong bit = 1UL << row;
        int word = row >> 6;
        return (_alive == null || (_alive[word] & bit) != 0) && (_accepted == null || (_accepted[word] & bit) != 0);
    }
}

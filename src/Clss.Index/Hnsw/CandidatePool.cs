using System.Runtime.CompilerServices;

namespace Clss.Index.Hnsw;

/// <summary>
/// The best nodes met by a walk, sorted, at most a given number. A candidate is one number: the product in the upper half, so that higher products come
/// first, then the node, so that ties are broken by node, and in the lowest bit whether its links have been followed.
/// </summary>
internal unsafe struct CandidatePool
{
    public const ulong Expanded = 1;

    private readonly ulong* _keys;
    private readonly int _capacity;

    public CandidatePool(ulong* memory, int capacity)
    {
        _keys = memory;
        _capacity = capacity;
        Limit = ulong.MaxValue;
    }

    public int Count { get; private set; }

    /// <summary>A candidate must be below this to be kept.</summary>
    public ulong Limit { get; private set; }

    public readonly bool IsFull => Count == _capacity;

    public readonly ulong this[int position] => _keys[position];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(int product, int node) => ((ulong)~((uint)product ^ 0x80000000u) << 32) | ((uint)node << 1);

    /// <summary>A comparison as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bit(bool value) => Unsafe.BitCast<bool, byte>(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Node(ulong key) => (int)((uint)key >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Product(ulong key) => (int)(~(uint)(key >> 32) ^ 0x80000000u);

    public readonly void MarkExpanded(int position) => _keys[position] |= Expanded;

    /// <summary>Inserts a candidate that is below <see cref="Limit"/> and not in the pool; returns its position.</summary>
    public int Insert(ulong key)
    {
        // Where a candidate belongs cannot be predicted, so the search has no branch on it.
        ulong* place = _keys;
        int length = Count;
        while (length > 1)
        {
            int half = length >> 1;
            place += half & -Bit(place[half - 1] < key);
            length -= half;
        }

        int low = (int)(place - _keys) + (length & Bit(*place < key));
        int moved = Math.Min(Count, _capacity - 1) - low;
        if (moved > 0)
        {
            Buffer.MemoryCopy(_keys + low, _keys + low + 1, (long)moved * sizeof(ulong), (long)moved * sizeof(ulong));
        }

        _keys[low] = key;
        if (Count < _capacity)
        {
            Count++;
        }

        if (Count == _capacity)
        {
            Limit = _keys[_capacity - 1];
        }

        return low;
    }
}

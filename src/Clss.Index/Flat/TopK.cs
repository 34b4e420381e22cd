namespace Clss.Index.Flat;

/// <summary>
/// The best k of the rows offered, in memory given by the caller: a binary heap with the worst kept row at its root.
/// Better is the higher similarity, then the lower ordinal.
/// </summary>
internal ref struct TopK
{
    private readonly Span<Neighbor> _heap;

    public TopK(Span<Neighbor> memory, int count = 0)
    {
        _heap = memory;
        Count = count;
    }

    public int Count { get; private set; }

    /// <summary>How many are kept.</summary>
    public readonly int Capacity => _heap.Length;

    /// <summary>A row must exceed this similarity to be kept, where it comes in ascending order of ordinals. -∞ while there is room.</summary>
    public readonly float Threshold => Count < _heap.Length ? float.NegativeInfinity : _heap[0].Similarity;

    /// <summary>Keeps the row if it is among the best so far.</summary>
    public void Offer(Neighbor row)
    {
        if (Count < _heap.Length)
        {
            _heap[Count] = row;
            SiftUp(Count++);
        }
        else if (IsBetter(row, _heap[0]))
        {
            _heap[0] = row;
            SiftDown(Count);
        }
    }

    /// <summary>Sorts the kept rows in place, best first. Nothing can be offered afterwards.</summary>
    public void Sort()
    {
        for (int end = Count - 1; end > 0; end--)
        {
            (_heap[0], _heap[end]) = (_heap[end], _heap[0]);
            SiftDown(end);
        }
    }

    private static bool IsBetter(Neighbor left, Neighbor right) =>
        left.Similarity > right.Similarity || (left.Similarity == right.Similarity && left.Ordinal < right.Ordinal);

    private readonly void SiftUp(int child)
    {
        while (child > 0)
        {
            int parent = (child - 1) / 2;
            if (!IsBetter(_heap[parent], _heap[child]))
            {
                break;
            }

            (_heap[parent], _heap[child]) = (_heap[child], _heap[parent]);
            child = parent;
        }
    }

    private readonly void SiftDown(int count)
    {
        int parent = 0;
        for (int child = 1; child < count; child = (2 * parent) + 1)
        {
            if (child + 1 < count && IsBetter(_heap[child], _heap[child + 1]))
            {
                child++;
            }

            if (!IsBetter(_heap[parent], _heap[child]))
            {
                break;
            }

            (_heap[parent], _heap[child]) = (_heap[child], _heap[parent]);
            parent = child;
        }
    }
}

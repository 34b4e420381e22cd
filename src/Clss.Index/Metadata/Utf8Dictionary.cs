using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Distinct texts in order of first appearance, as UTF-8 in one buffer, found by hash.</summary>
internal sealed class Utf8Dictionary
{
    private const int FirstSlots = 16;

    private byte[] _bytes = new byte[256];
    private readonly List<long> _ends = [];
    private int[] _slots = new int[FirstSlots];

    public int Count => _ends.Count;

    public long TotalBytes => _ends.Count == 0 ? 0 : _ends[^1];

    public ReadOnlySpan<byte> this[int code]
    {
        get
        {
            int start = code == 0 ? 0 : (int)_ends[code - 1];
            return _bytes.AsSpan(start, (int)_ends[code] - start);
        }
    }

    /// <summary>The code of a text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text) => _slots[FindSlot(text)] - 1;

    /// <summary>The code of a text, added where it is new.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        int slot = FindSlot(text);
        if (_slots[slot] != 0)
        {
            return _slots[slot] - 1;
        }

        int start = (int)TotalBytes;
        int end = checked(start + text.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        }

        text.CopyTo(_bytes.AsSpan(start));
        _ends.Add(end);
        _slots[slot] = _ends.Count;
        if (_ends.Count * 2 > _slots.Length)
        {
            Grow();
        }

        return _ends.Count - 1;
    }

    private int FindSlot(ReadOnlySpan<byte> text)
    {
        int slot = (int)(KeyHash.Compute(text) & (uint)(_slots.Length - 1));
        while (_slots[slot] != 0 && !this[_slots[slot] - 1].SequenceEqual(text))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (int code = 0; code < _ends.Count; code++)
        {
            _slots[FindSlot(this[code])] = code + 1;
        }
    }
}

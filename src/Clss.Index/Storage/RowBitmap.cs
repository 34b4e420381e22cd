using System.Numerics;

namespace Clss.Index.Storage;

/// <summary>One bit per row, growing.</summary>
internal sealed class RowBitmap
{
    private ulong[] _words;

    public RowBitmap(int rows, bool set)
    {
        _words = new ulong[Vectors.VectorLayout.Words(rows)];
        if (set)
        {
            Array.Fill(_words, ulong.MaxValue);
            if ((rows & 63) != 0)
            {
                _words[^1] = (1UL << rows) - 1;
            }
        }
    }

    public ulong[] Words => _words;

    public bool this[int row]
    {
        get => (_words[row >> 6] & (1UL << row)) != 0;
        set
        {
            if (row >> 6 >= _words.Length)
            {
                Array.Resize(ref _words, Math.Max((row >> 6) + 1, _words.Length + (_words.Length / 2) + 1));
            }

            _words[row >> 6] = value ? _words[row >> 6] | (1UL << row) : _words[row >> 6] & ~(1UL << row);
        }
    }

    /// <summary>Bits that are set in a bitmap.</summary>
    public static long Count(ReadOnlySpan<ulong> words)
    {
        long count = 0;
        foreach (ulong word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}

using System.Numerics;

namespace Clss.Index.Vectors;

/// <summary>Counts and lists the rows of a run whose bits are set in one bitmap, or in both of two.</summary>
internal static class BitRuns
{
    /// <summary>How many rows from start to end are set.</summary>
    public static int Count(ulong[] first, ulong[]? second, int start, int end)
    {
        int count = 0;
        for (int word = start >> 6; start < end && word <= (end - 1) >> 6; word++)
        {
            count += BitOperations.PopCount(Word(first, second, word, start, end));
        }

        return count;
    }

    /// <summary>Writes the rows that are set, ascending.</summary>
    public static void List(ulong[] first, ulong[]? second, int start, int end, Span<int> rows)
    {
        int count = 0;
        for (int word = start >> 6; start < end && word <= (end - 1) >> 6; word++)
        {
            for (ulong bits = Word(first, second, word, start, end); bits != 0; bits &= bits - 1)
            {
                rows[count++] = (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }
    }

    private static ulong Word(ulong[] first, ulong[]? second, int word, int start, int end)
    {
        ulong bits = second is null ? first[word] : first[word] & second[word];
        bits &= word == start >> 6 ? ulong.MaxValue << (start & 63) : ulong.MaxValue;
        return bits & (word == (end - 1) >> 6 ? ulong.MaxValue >> (63 - ((end - 1) & 63)) : ulong.MaxValue);
    }
}

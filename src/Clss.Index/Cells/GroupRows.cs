namespace Clss.Index.Cells;

/// <summary>Sorts positions by the number that each has, equal numbers in ascending order of position.</summary>
internal static class GroupRows
{
    /// <summary>The positions [n], those with number c from Starts[c] to Starts[c + 1].</summary>
    public static (int[] Starts, int[] Members) By(int[] numbers, int count)
    {
        var starts = new int[count + 1];
        foreach (int number in numbers)
        {
            starts[number + 1]++;
        }

        for (int c = 0; c < count; c++)
        {
            starts[c + 1] += starts[c];
        }

        var next = starts[..count];
        var members = new int[numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            members[next[numbers[i]]++] = i;
        }

        return (starts, members);
    }
}

namespace Clss.Embedder.Weights;

/// <summary>"Did you mean …" for names that are not there.</summary>
internal static class NameSuggestion
{
    /// <summary>Longer names are cut before comparing, so that a hostile name costs nothing.</summary>
    private const int ComparedLength = 128;

    /// <summary>As many candidates are looked at; a checkpoint of ESM-2's largest size has about 800.</summary>
    private const int ComparedCandidates = 4096;

    /// <summary>A sentence with a leading blank, or an empty text where nothing is alike.</summary>
    public static string For(string name, IEnumerable<string> candidates)
    {
        string? best = Nearest(name, candidates);
        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>The candidate with the fewest edits, if they are at most a third of the name.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = (Math.Min(name.Length, ComparedLength) / 3) + 1;
        foreach (string candidate in candidates.Take(ComparedCandidates))
        {
            int distance = EditDistance(Cut(name), Cut(candidate));
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    private static ReadOnlySpan<char> Cut(string text) => text.AsSpan(0, Math.Min(text.Length, ComparedLength));

    /// <summary>Levenshtein's distance, ignoring case.</summary>
    private static int EditDistance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>Splits <c>Protein name OS=Organism OX=1140 GN=adk</c> into the text before the first tag and the value of each tag.</summary>
internal sealed class HeaderTags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public HeaderTags(string text, params ReadOnlySpan<string> tags)
    {
        List<(int Start, string Tag)> found = [];
        foreach (string tag in tags)
        {
            int start = Find(text, tag);
            if (start >= 0)
            {
                found.Add((start, tag));
            }
        }

        found.Sort((left, right) => left.Start.CompareTo(right.Start));
        Name = found.Count == 0 ? text.Trim() : text[..found[0].Start].Trim();
        for (int i = 0; i < found.Count; i++)
        {
            int begin = found[i].Start + found[i].Tag.Length;
            int end = i + 1 < found.Count ? found[i + 1].Start : text.Length;
            _values[found[i].Tag] = text[begin..Math.Max(begin, end)].Trim();
        }
    }

    /// <summary>The text before the first tag.</summary>
    public string Name { get; }

    /// <summary>The value of a tag such as <c>OS=</c>, or null.</summary>
    public string? this[string tag] => _values.GetValueOrDefault(tag);

    // A tag begins the text or follows a blank; its first appearance counts.
    private static int Find(string text, string tag)
    {
        if (text.StartsWith(tag, StringComparison.Ordinal))
        {
            return 0;
        }

        int at = text.IndexOf(" " + tag, StringComparison.Ordinal);
        return at < 0 ? -1 : at + 1;
    }
}

namespace Clss.Ingest.Structures;

/// <summary>
/// Reads residue ranges: <c>A:4-182,A:200-220</c>, <c>B:-3-715</c>, <c>SM:-9--163</c>, <c>A:46P-183</c>, <c>A:</c> (ECOD, SCOPe), <c>1-87_146-243</c> (CATH),
/// <c>30-136,138-180_384-421</c> (TED, Chainsaw, Merizo: a comma parts domains there).
/// </summary>
public static class RangeGrammar
{
    private const int MaxRanges = 10_000;

    /// <summary>Reads the ranges of one domain, parted by <c>,</c> or <c>_</c>. A chain holds for the ranges after it until another is named.</summary>
    /// <exception cref="ClssIngestException">The text is no such notation.</exception>
    public static IReadOnlyList<ResidueRange> ParseRanges(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ranges = new List<ResidueRange>();
        string? chain = null;
        foreach (string piece in text.Split(',', '_'))
        {
            string segment = piece.Trim();
            int colon = segment.LastIndexOf(':');
            if (colon >= 0)
            {
                chain = segment[..colon];
                segment = segment[(colon + 1)..];
                if (chain.Length == 0)
                {
                    throw Bad(text, piece, "the chain before ':' is empty");
                }
            }
            else if (segment.Length == 0)
            {
                throw Bad(text, piece, "a range is empty");
            }

            ranges.Add(segment.Length == 0 ? new ResidueRange(chain) : ParseSegment(text, segment) with { Chain = chain });
            if (ranges.Count > MaxRanges)
            {
                throw new ClssIngestException($"A domain of more than {MaxRanges:N0} ranges is not read.");
            }
        }

        return ranges;
    }

    /// <summary>Reads the domains of one chain in the notation of TED, Chainsaw and Merizo: domains parted by <c>,</c>, their pieces by <c>_</c>; <c>na</c> is none.</summary>
    /// <exception cref="ClssIngestException">The text is no such notation.</exception>
    public static IReadOnlyList<IReadOnlyList<ResidueRange>> ParseDomains(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text is "na" or "" ? [] : [.. text.Split(',').Select(ParseRanges)];
    }

    private static ResidueRange ParseSegment(string text, string segment)
    {
        // cath-tools puts insertion codes in brackets: 60(A)-75.
        string plain = segment.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal);
        int dash = plain.Length > 1 ? plain.IndexOf('-', 1) : -1;
        string first = dash < 0 ? plain : plain[..dash];
        string last = dash < 0 ? plain : plain[(dash + 1)..];
        if (!ResidueNumber.TryParse(first, out ResidueNumber start) || !ResidueNumber.TryParse(last, out ResidueNumber end))
        {
            throw Bad(text, segment, "it is not FIRST-LAST");
        }

        return new ResidueRange(null, start, end);
    }

    private static ClssIngestException Bad(string text, string piece, string why) => new(
        $"'{text}' is no residue range: {(piece.Length > 0 ? $"'{piece}': " : "")}{why}. Write it like A:4-182,A:200-220 or 1-87_146-243; numbers may be negative and end in an insertion code (46P).");
}

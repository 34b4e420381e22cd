namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>
/// NCBI's old identifiers with bars (<c>gi|284812301|gb|AAP57076.2| name [organism]</c>, <c>ref|…|</c>, <c>pdb|1ABC|A</c>,
/// <c>lcl|name</c>) and its new ones (<c>WP_066841281.1 name [organism]</c>). Titles of merged nr entries follow each other,
/// separated by Ctrl-A or <c> &gt;</c>; the first counts.
/// </summary>
internal static class NcbiHeader
{
    public static string? Parse(string id, string description, HeaderFields fields)
    {
        if (id.Contains('|'))
        {
            string? key = ParseBars(id.Split('|'), fields);
            if (key is not null)
            {
                AddTitle(description, fields);
            }

            return key;
        }

        if (!IsAccession(id))
        {
            return null;
        }

        fields.Text(DomainSchema.NcbiAccession, id);
        AddTitle(description, fields);
        return id;
    }

    private static string? ParseBars(string[] parts, HeaderFields fields)
    {
        int at = parts[0] == "gi" && parts.Length > 2 ? 2 : 0;
        string? first = at + 1 < parts.Length ? parts[at + 1] : null;
        string? second = at + 2 < parts.Length ? parts[at + 2] : null;
        switch (parts[at])
        {
            case "gb" or "emb" or "dbj" or "ref" or "tpg" or "tpe" or "tpd":
                fields.Text(DomainSchema.NcbiAccession, first);
                return NonEmpty(first) ?? NonEmpty(second);
            case "sp" or "tr":
                fields.Text(DomainSchema.UniProtAccession, first?.Split('.')[0]);
                fields.Text(DomainSchema.UniProtEntry, second);
                return NonEmpty(first);
            case "pdb":
                fields.Text(DomainSchema.Pdb, first?.ToLowerInvariant());
                return NonEmpty(first) is { } entry ? NonEmpty(second) is { } chain ? $"{entry}_{chain}" : entry : null;
            case "pir" or "prf":
                return NonEmpty(first) ?? NonEmpty(second);
            case "lcl":
                return NonEmpty(first);
            default:
                return null;
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static void AddTitle(string description, HeaderFields fields)
    {
        int next = description.IndexOf('\u0001');
        next = next >= 0 ? next : description.IndexOf(" >", StringComparison.Ordinal);
        string title = (next < 0 ? description : description[..next]).Trim();
        int open = title.EndsWith(']') ? OpeningBracket(title) : -1;
        fields.Text(DomainSchema.ProteinName, open > 0 ? title[..open] : title);
        fields.Text(DomainSchema.Organism, open > 0 ? title[(open + 1)..^1] : null);
    }

    // Strain names hold brackets themselves: [[Clostridium] symbiosum].
    private static int OpeningBracket(string title)
    {
        int depth = 0;
        for (int i = title.Length - 1; i >= 0; i--)
        {
            depth += title[i] == ']' ? 1 : title[i] == '[' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    // WP_066841281.1, AAP57076.2, NP_414542.1, MBR3944831.1: one to six capitals, digits, a version.
    private static bool IsAccession(string id)
    {
        int letters = id.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
        if (letters is < 1 or > 6)
        {
            return false;
        }

        string rest = id[letters..].TrimStart('_');
        string[] halves = rest.Split('.');
        return halves.Length == 2 && halves[0].Length >= 5 && halves[1].Length is 1 or 2 && halves.All(half => half.All(char.IsAsciiDigit));
    }
}

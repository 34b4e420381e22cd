using System.Globalization;

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>
/// The four forms in which ECOD sequences are published:
/// <c>000000267|e1udzA1|1.1.1.28|…</c> (develop releases and, with short uid, 293 F40);
/// <c>e2nmzA1 uid:0 range:A:1-99 assignment:1.1.1.3</c> (293);
/// <c>ECOD_000098134_e1ez4D2 | 2003.1.1.40 | 1EZ4 D:16-162 | A: …, X: …, H: …, T: …, F: … | Protein: …</c> (HH-suite and pLM-BLAST databases).
/// </summary>
internal static class EcodHeader
{
    private const int UidDigits = 9;

    public static string? Parse(string id, string header, HeaderFields fields)
    {
        if (id.StartsWith("ECOD_", StringComparison.Ordinal))
        {
            return ParseAnnotated(id, header, fields);
        }

        string[] bars = id.Split('|');
        if (bars.Length >= 3 && Uid(bars[0]) is { } uid && bars[1].Length > 0 && IsGroup(bars[2]))
        {
            fields.Text(DomainSchema.EcodUid, uid);
            return AddDomain(bars[1], bars[2], fields);
        }

        return header.Contains(" assignment:", StringComparison.Ordinal) && header.Contains(" uid:", StringComparison.Ordinal)
            ? ParseTagged(id, header, fields)
            : null;
    }

    private static string ParseTagged(string id, string header, HeaderFields fields)
    {
        string? group = null;
        foreach (string word in header.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("uid:", StringComparison.Ordinal))
            {
                fields.Text(DomainSchema.EcodUid, Uid(word[4..]));
            }
            else if (word.StartsWith("range:", StringComparison.Ordinal))
            {
                fields.Text(DomainSchema.EcodRange, word[6..]);
            }
            else if (word.StartsWith("assignment:", StringComparison.Ordinal))
            {
                group = word[11..];
            }
        }

        return AddDomain(id, group, fields);
    }

    private static string? ParseAnnotated(string id, string header, HeaderFields fields)
    {
        string[] words = id.Split('_', 3);
        if (words.Length < 3 || Uid(words[1]) is not { } uid || words[2].Length == 0)
        {
            return null;
        }

        fields.Text(DomainSchema.EcodUid, uid);
        string[] parts = header.Split(" | ");
        string key = AddDomain(words[2], parts.Length > 1 ? parts[1].Trim() : null, fields);
        foreach (string part in parts.Skip(2))
        {
            if (part.StartsWith("A: ", StringComparison.Ordinal))
            {
                AddNames(part, fields);
            }
            else if (part.StartsWith("Protein: ", StringComparison.Ordinal))
            {
                fields.Text(DomainSchema.ProteinName, part[9..]);
            }
            else if (part.Split(' ') is [{ Length: 4 } pdb, var range])
            {
                fields.Text(DomainSchema.Pdb, pdb.ToLowerInvariant());
                fields.Text(DomainSchema.EcodRange, range);
            }
        }

        return key;
    }

    // Names hold commas and colons, so only the level letters in their order separate them.
    private static void AddNames(string text, HeaderFields fields)
    {
        ReadOnlySpan<string> marks = ["A: ", ", X: ", ", H: ", ", T: ", ", F: "];
        ReadOnlySpan<string> columns =
            [DomainSchema.EcodArchitecture, DomainSchema.EcodXName, DomainSchema.EcodHName, DomainSchema.EcodTName, DomainSchema.EcodFName];
        int begin = marks[0].Length;
        for (int level = 0; level < marks.Length; level++)
        {
            int next = level + 1 < marks.Length ? text.IndexOf(marks[level + 1], begin, StringComparison.Ordinal) : text.Length;
            if (next < 0)
            {
                next = text.Length;
            }

            string name = text[begin..next].Trim();
            bool unnamed = name.StartsWith("NO_", StringComparison.Ordinal) || name == "F_UNCLASSIFIED";
            fields.Text(columns[level], unnamed ? null : name);
            if (next == text.Length)
            {
                return;
            }

            begin = next + marks[level + 1].Length;
        }
    }

    private static string AddDomain(string domain, string? group, HeaderFields fields)
    {
        fields.Text(DomainSchema.EcodDomainId, domain);
        if (group is not null && IsGroup(group))
        {
            string[] levels = group.Split('.');
            fields.Text(DomainSchema.EcodFId, group);
            fields.Text(DomainSchema.EcodX, levels[0]);
            fields.Text(DomainSchema.EcodH, levels.Length > 1 ? string.Join('.', levels[..2]) : null);
            fields.Text(DomainSchema.EcodT, levels.Length > 2 ? string.Join('.', levels[..3]) : null);
            fields.Text(DomainSchema.EcodF, levels.Length > 3 ? group : null);
        }

        if (domain.Length >= 6 && domain[0] == 'e' && char.IsAsciiDigit(domain[1]))
        {
            fields.Text(DomainSchema.Pdb, domain.Substring(1, 4).ToLowerInvariant());
        }

        return domain;
    }

    // Release 293 writes the uid as a plain number, the domain lists as nine digits: kept as nine digits.
    private static string? Uid(string text) =>
        text.Length is > 0 and <= UidDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long uid)
            ? uid.ToString("D9", CultureInfo.InvariantCulture)
            : null;

    // X.H.T or X.H.T.F; releases 45 to 66 also have a single number.
    private static bool IsGroup(string text)
    {
        string[] levels = text.Split('.');
        return levels.Length is >= 1 and <= 4 && levels.All(level => level.Length is > 0 and < 10 && level.All(char.IsAsciiDigit));
    }
}

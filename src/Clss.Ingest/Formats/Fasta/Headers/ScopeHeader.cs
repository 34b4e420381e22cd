using System.Buffers;

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary><c>d1dlwa_ a.1.1.1 (A:) Protozoan/bacterial hemoglobin {Ciliate (Paramecium caudatum) [TaxId: 5885]}</c> of SCOPe/ASTRAL, or only its first two words.</summary>
internal static class ScopeHeader
{
    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    public static string? Parse(string id, string description, HeaderFields fields)
    {
        string sccs = FastaRecord.IdOf(description);
        if (!IsSid(id) || !IsSccs(sccs))
        {
            return null;
        }

        string[] levels = sccs.Split('.');
        fields.Text(DomainSchema.ScopeSccs, sccs);
        fields.Text(DomainSchema.ScopeClass, levels[0]);
        fields.Text(DomainSchema.ScopeFold, string.Join('.', levels[..2]));
        fields.Text(DomainSchema.ScopeSuperfamily, string.Join('.', levels[..3]));
        fields.Text(DomainSchema.ScopeFamily, sccs);
        fields.Text(DomainSchema.Pdb, id.Substring(1, 4).ToLowerInvariant());
        AddDetails(description[sccs.Length..].Trim(), fields);
        return id;
    }

    private static void AddDetails(string text, HeaderFields fields)
    {
        int close = text.IndexOf(") ", StringComparison.Ordinal);
        if (text.StartsWith('('))
        {
            int end = close < 0 ? text.TrimEnd().Length - 1 : close;
            if (text[end] == ')')
            {
                fields.Text(DomainSchema.ScopeRange, text[1..end]);
                text = text[(end + 1)..];
            }
        }

        int species = text.IndexOf('{');
        fields.Text(DomainSchema.ProteinName, species < 0 ? text : text[..species]);
        if (species < 0)
        {
            return;
        }

        string organism = text[(species + 1)..].TrimEnd().TrimEnd('}');
        int taxon = organism.LastIndexOf("[TaxId:", StringComparison.Ordinal);
        if (taxon >= 0)
        {
            fields.Integer(DomainSchema.TaxonomyId, organism[(taxon + 7)..].Trim().TrimEnd(']'));
            organism = organism[..taxon];
        }

        fields.Text(DomainSchema.Organism, organism);
    }

    // d + PDB entry + chain ('_' none, '.' several) + domain ('_' the whole chain); g and e mark genetic and other domains.
    private static bool IsSid(string id) =>
        id.Length is 7 or 8 && (id[0] is 'd' or 'g' or 'e') && char.IsAsciiDigit(id[1]) && id.AsSpan(1, 4).IndexOfAnyExcept(Alphanumeric) < 0
        && (char.IsAsciiLetterOrDigit(id[5]) || id[5] is '_' or '.') && (char.IsAsciiLetterOrDigit(id[6]) || id[6] == '_');

    private static bool IsSccs(string text)
    {
        string[] levels = text.Split('.');
        return levels.Length == 4 && levels[0].Length == 1 && char.IsAsciiLetterLower(levels[0][0])
            && levels.Skip(1).All(level => level.Length is > 0 and < 6 && level.All(char.IsAsciiDigit));
    }
}

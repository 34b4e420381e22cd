namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary><c>cath|4_3_0|12asA00/4-330</c>, segments joined by <c>_</c> (<c>/1-87_146-243</c>); some copies write <c>_</c> for <c>/</c>.</summary>
internal static class CathHeader
{
    public static string? Parse(string id, HeaderFields fields)
    {
        if (!id.StartsWith("cath|", StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = id.Split('|', 3);
        if (parts.Length < 3 || parts[2].Length == 0)
        {
            return null;
        }

        (string domain, string? range) = SplitRange(parts[2]);
        fields.Text(DomainSchema.CathDomain, domain);
        fields.Text(DomainSchema.CathVersion, parts[1].Replace('_', '.'));
        fields.Text(DomainSchema.CathRange, range);
        if (domain.Length == 7 && char.IsAsciiDigit(domain[0]))
        {
            fields.Text(DomainSchema.Pdb, domain[..4].ToLowerInvariant());
        }

        return domain;
    }

    private static (string Domain, string? Range) SplitRange(string name)
    {
        int slash = name.IndexOf('/');
        if (slash > 0)
        {
            return (name[..slash], name[(slash + 1)..]);
        }

        // 107lA00_1-162: a domain name from the PDB has seven characters.
        return name.Length > 8 && name[7] == '_' && (char.IsAsciiDigit(name[8]) || name[8] == '-') ? (name[..7], name[8..]) : (name, null);
    }
}

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>
/// <c>sp|P18355|YPFU_ECOLI Name OS=Organism OX=83333 [GN=Gene] PE=3 SV=1</c>, <c>tr|…</c>, isoforms <c>sp|Q4R572-2|…</c>, and
/// <c>UniRef50_Q9K794 Name n=1 Tax=Organism TaxID=9 RepID=…</c> (https://www.uniprot.org/help/fasta-headers).
/// </summary>
internal static class UniProtHeader
{
    public static string? Parse(string id, string description, HeaderFields fields)
    {
        if (id.StartsWith("UniRef", StringComparison.Ordinal))
        {
            return ParseUniRef(id, description, fields);
        }

        if (!id.StartsWith("sp|", StringComparison.Ordinal) && !id.StartsWith("tr|", StringComparison.Ordinal))
        {
            return null;
        }

        string[] parts = id.Split('|');
        string accession = parts[1];
        if (accession.Length == 0)
        {
            return null;
        }

        int dash = accession.IndexOf('-');
        fields.Text(DomainSchema.UniProtAccession, dash > 0 ? accession[..dash] : accession);
        fields.Text(DomainSchema.UniProtEntry, parts.Length > 2 ? parts[2] : null);
        fields.Flag(DomainSchema.UniProtReviewed, parts[0] == "sp");
        if (dash > 0)
        {
            fields.Integer(DomainSchema.Isoform, accession[(dash + 1)..]);
        }

        ParseTags(description, fields);
        return accession;
    }

    /// <summary>The tags that UniProt, and the AlphaFold database after it, put behind the name.</summary>
    public static HeaderTags ParseTags(string description, HeaderFields fields)
    {
        var tags = new HeaderTags(description, "OS=", "OX=", "GN=", "PE=", "SV=", "UA=", "UI=");
        fields.Text(DomainSchema.ProteinName, tags.Name);
        fields.Text(DomainSchema.Organism, tags["OS="]);
        fields.Integer(DomainSchema.TaxonomyId, tags["OX="]);
        fields.Text(DomainSchema.Gene, tags["GN="]);
        fields.Integer(DomainSchema.ProteinExistence, tags["PE="]);
        fields.Integer(DomainSchema.SequenceVersion, tags["SV="]);
        return tags;
    }

    private static string ParseUniRef(string id, string description, HeaderFields fields)
    {
        var tags = new HeaderTags(description, "n=", "Tax=", "TaxID=", "RepID=");
        fields.Text(DomainSchema.ProteinName, tags.Name);
        fields.Text(DomainSchema.Organism, tags["Tax="]);
        fields.Integer(DomainSchema.TaxonomyId, tags["TaxID="]);
        return id;
    }
}

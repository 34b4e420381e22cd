namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>
/// <c>AFDB:AF-A0A2L2JPH6-F1 Name UA=A0A2L2JPH6 UI=A0A2L2JPH6_9NOCA OS=… OX=… GN=…</c> of the AlphaFold database, and the file
/// stems <c>AF-P00533-F1-model_v6</c> and <c>AF-A0A000-F1-model_v4_TED01</c> that other tools use as identifiers.
/// </summary>
internal static class AlphaFoldHeader
{
    private const string DatabasePrefix = "AFDB:";

    public static string? Parse(string id, string description, HeaderFields fields)
    {
        string key = id.StartsWith(DatabasePrefix, StringComparison.Ordinal) ? id[DatabasePrefix.Length..] : id;
        if (!key.StartsWith("AF-", StringComparison.Ordinal))
        {
            return null;
        }

        // AF-<accession>-F<fragment>[-model_v<N>[_TED<nn>]]
        string[] parts = key.Split('-');
        if (parts.Length < 3 || parts[1].Length == 0 || parts[2].Length < 2 || parts[2][0] != 'F' || !char.IsAsciiDigit(parts[2][1]))
        {
            return null;
        }

        fields.Text(DomainSchema.AlphaFoldEntry, string.Join('-', parts[..3]));
        HeaderTags tags = UniProtHeader.ParseTags(description, fields);
        fields.Text(DomainSchema.UniProtAccession, tags["UA="] ?? parts[1]);
        fields.Text(DomainSchema.UniProtEntry, tags["UI="]);
        return key;
    }
}

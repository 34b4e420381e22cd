using Clss.Index;

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>What the header of a FASTA record says, in the styles listed in docs/formats/fasta.md.</summary>
public sealed record FastaHeader
{
    /// <summary>The short identifier, as MMseqs2 takes it: <c>P18355</c> of <c>sp|P18355|YPFU_ECOLI …</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The values by column name of <see cref="DomainSchema"/>, in a fixed order.</summary>
    public required IReadOnlyList<KeyValuePair<string, MetadataValue>> Fields { get; init; }

    /// <summary>Parses the text after <c>&gt;</c>. Never throws on content: a header of no known style has its first word as key and no fields.</summary>
    public static FastaHeader Parse(string header)
    {
        ArgumentNullException.ThrowIfNull(header);
        string text = header.Trim();
        string id = FastaRecord.IdOf(text);
        string description = text[id.Length..].Trim();
        var fields = new HeaderFields();
        string? key =
            UniProtHeader.Parse(id, description, fields)
            ?? AlphaFoldHeader.Parse(id, description, fields)
            ?? CathHeader.Parse(id, fields)
            ?? EcodHeader.Parse(id, text, fields)
            ?? ScopeHeader.Parse(id, description, fields)
            ?? NcbiHeader.Parse(id, description, fields);
        return new FastaHeader { Key = string.IsNullOrEmpty(key) ? id : key, Fields = fields.Values };
    }
}

using System.Text;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.Pdb;

/// <summary>Takes from the header records what says what the file is.</summary>
internal sealed class PdbHeader
{
    private const int MaxTitle = 1000;

    private static readonly string[] HeaderRecords =
    [
        "HEADER", "OBSLTE", "TITLE ", "CAVEAT", "COMPND", "SOURCE", "KEYWDS", "EXPDTA", "AUTHOR", "REVDAT", "JRNL  ", "REMARK", "DBREF ",
        "SEQRES", "HET   ", "HETNAM", "CRYST1",
    ];

    private readonly StructureBuilder _builder;
    private readonly StringBuilder _title = new();
    private readonly StringBuilder _source = new();

    public PdbHeader(StructureBuilder builder) => _builder = builder;

    /// <summary>Takes one line; says whether it is a header record.</summary>
    public bool Read(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("TITLE "u8))
        {
            Append(_title, line);
        }
        else if (line.StartsWith("SOURCE"u8))
        {
            Append(_source, line);
        }
        else if (line.StartsWith("HEADER"u8) && line.Length >= 66 && line[62] is >= (byte)'1' and <= (byte)'9')
        {
            _builder.Id = StructureText.Decode(StructureText.Trim(line.Slice(62, 4)));
        }
        else if (line.StartsWith("EXPDTA"u8))
        {
            _builder.IsPredicted |= line.IndexOf("THEORETICAL MODEL"u8) >= 0;
        }
        else if (line.StartsWith("MODRES"u8) && line.Length >= 27)
        {
            ReadModifiedResidue(line);
        }

        return line.Length >= 6 && IsHeader(line[..6]);
    }

    /// <summary>Hands over what was gathered from several lines.</summary>
    public void Finish()
    {
        _builder.Title = StructureText.Decode(Encoding.Latin1.GetBytes(_title.ToString()));
        _builder.IsPredicted |= _builder.Title.Contains("ALPHAFOLD", StringComparison.OrdinalIgnoreCase) && _builder.Title.Contains("PREDICTION", StringComparison.OrdinalIgnoreCase);
        foreach (string token in _source.ToString().Split(';'))
        {
            int colon = token.IndexOf(':', StringComparison.Ordinal);
            string value = colon < 0 ? "" : StructureText.Decode(Encoding.Latin1.GetBytes(token[(colon + 1)..].Trim()));
            if (_builder.Organism.Length == 0 && token.TrimStart().StartsWith("ORGANISM_SCIENTIFIC:", StringComparison.Ordinal))
            {
                _builder.Organism = value;
            }
            else if (_builder.TaxonomyId is null && token.TrimStart().StartsWith("ORGANISM_TAXID:", StringComparison.Ordinal)
                && DecimalText.TryParse(Encoding.Latin1.GetBytes(value), out int taxonomyId))
            {
                _builder.TaxonomyId = taxonomyId;
            }
        }
    }

    private static bool IsHeader(ReadOnlySpan<byte> name)
    {
        foreach (string record in HeaderRecords)
        {
            if (Ascii.Equals(name, record))
            {
                return true;
            }
        }

        return false;
    }

    // Continuation numbers are in columns 8 to 10, text from column 11 on.
    private static void Append(StringBuilder text, ReadOnlySpan<byte> line)
    {
        if (line.Length > 10 && text.Length < MaxTitle)
        {
            text.Append(Encoding.Latin1.GetString(line[10..Math.Min(line.Length, 80)]));
        }
    }

    private void ReadModifiedResidue(ReadOnlySpan<byte> line)
    {
        string name = Encoding.Latin1.GetString(StructureText.Trim(line.Slice(12, 3)));
        string parent = Encoding.Latin1.GetString(StructureText.Trim(line.Slice(24, 3)));
        if (name.Length > 0 && parent.Length > 0)
        {
            _builder.Parents.TryAdd(name, parent);
        }
    }
}

using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.MmCif;

/// <summary>Turns the rows of <c>_atom_site</c>, given as places in the text, into atoms.</summary>
internal ref struct AtomSiteRows
{
    private const int Absent = -1;

    private readonly ReadOnlySpan<byte> _text;
    private readonly StructureBuilder _builder;
    private readonly string _source;
    private readonly int[] _starts = new int[AtomSiteColumns.Count];
    private readonly int[] _lengths = new int[AtomSiteColumns.Count];
    private readonly bool[] _present = new bool[AtomSiteColumns.Count];

    public AtomSiteRows(ReadOnlySpan<byte> text, StructureBuilder builder, string source)
    {
        _text = text;
        _builder = builder;
        _source = source;
    }

    /// <summary>Whether the three coordinates and the names of atom and residue are among the columns.</summary>
    public readonly bool HasCoordinates =>
        _present[(int)AtomSiteColumn.X] && _present[(int)AtomSiteColumn.Y] && _present[(int)AtomSiteColumn.Z]
        && (_present[(int)AtomSiteColumn.LabelAtomId] || _present[(int)AtomSiteColumn.AuthAtomId])
        && (_present[(int)AtomSiteColumn.LabelCompId] || _present[(int)AtomSiteColumn.AuthCompId]);

    /// <summary>Announces a column; returns where its values go, or -1 when it is not read.</summary>
    public readonly int AddColumn(ReadOnlySpan<byte> name)
    {
        int column = AtomSiteColumns.IndexOf(name);
        if (column < 0 || _present[column])
        {
            return Absent;
        }

        _present[column] = true;
        return column;
    }

    /// <summary>Takes the place of a value; length 0 for a missing one.</summary>
    public readonly void Take(int column, int start, int length)
    {
        if (column >= 0)
        {
            _starts[column] = start;
            _lengths[column] = length;
        }
    }

    /// <summary>Adds the atom of the row.</summary>
    public readonly void EndRow()
    {
        var site = default(AtomSite);
        site.Atom.X = Coordinate(AtomSiteColumn.X);
        site.Atom.Y = Coordinate(AtomSiteColumn.Y);
        site.Atom.Z = Coordinate(AtomSiteColumn.Z);
        site.Atom.Occupancy = Number(AtomSiteColumn.Occupancy, 1);
        site.Atom.BFactor = Number(AtomSiteColumn.BFactor, 0);
        site.Atom.IsHetero = Field(AtomSiteColumn.GroupPdb).StartsWith("HETATM"u8);
        site.Atom.Name = new AtomName(Field(AtomSiteColumn.LabelAtomId, AtomSiteColumn.AuthAtomId));
        site.Atom.Element = StructureText.PackElement(Field(AtomSiteColumn.TypeSymbol));
        ReadOnlySpan<byte> altLoc = Field(AtomSiteColumn.LabelAltId);
        site.Atom.AltLoc = altLoc.IsEmpty ? (byte)0 : altLoc[0];
        site.Component = Field(AtomSiteColumn.LabelCompId, AtomSiteColumn.AuthCompId);
        site.LabelId = Field(AtomSiteColumn.LabelAsymId);
        site.AuthId = Field(AtomSiteColumn.AuthAsymId, AtomSiteColumn.LabelAsymId);
        site.LabelNumber = Integer(AtomSiteColumn.LabelSeqId, ResidueRecord.NoLabelNumber);
        site.Number = Integer(AtomSiteColumn.AuthSeqId, site.LabelNumber == ResidueRecord.NoLabelNumber ? 0 : site.LabelNumber);
        ReadOnlySpan<byte> insertionCode = Field(AtomSiteColumn.InsertionCode);
        site.InsertionCode = insertionCode.IsEmpty ? ' ' : (char)insertionCode[0];
        int model = Integer(AtomSiteColumn.ModelNumber, 1);
        if (model != _builder.ModelNumber)
        {
            _builder.ContinueModel(model);
        }

        _builder.Add(site);
    }

    private readonly ReadOnlySpan<byte> Field(AtomSiteColumn column) => _text.Slice(_starts[(int)column], _lengths[(int)column]);

    private readonly ReadOnlySpan<byte> Field(AtomSiteColumn column, AtomSiteColumn other) =>
        Field(_lengths[(int)column] > 0 ? column : other);

    private readonly float Coordinate(AtomSiteColumn column)
    {
        ReadOnlySpan<byte> field = Field(column);
        return field.IsEmpty ? float.NaN : DecimalText.TryParse(field, out float value) ? value : throw NoNumber(column, field);
    }

    private readonly float Number(AtomSiteColumn column, float missing)
    {
        ReadOnlySpan<byte> field = Field(column);
        return field.IsEmpty ? missing : DecimalText.TryParse(field, out float value) ? value : throw NoNumber(column, field);
    }

    private readonly int Integer(AtomSiteColumn column, int missing)
    {
        ReadOnlySpan<byte> field = Field(column);
        return field.IsEmpty ? missing : DecimalText.TryParse(field, out int value) ? value : throw NoNumber(column, field);
    }

    private readonly StructureFormatException NoNumber(AtomSiteColumn column, ReadOnlySpan<byte> field) => new(
        $"{_source}({1 + _text[.._starts[(int)column]].Count((byte)'\n')}): _atom_site.{AtomSiteColumns.NameOf(column)} is \"{StructureText.Decode(field[..Math.Min(field.Length, 40)])}\", not a number. The file is damaged, or a row before it has too many or too few values.");
}

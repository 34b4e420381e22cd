using System.Text;
using Clss.Ingest.Formats.MmCif;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>Unpacks <c>_atom_site</c> and hands its rows to the builder.</summary>
internal readonly ref struct BinaryAtomSites
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly string _source;
    private readonly int _rows;
    private readonly TextColumn[] _text = new TextColumn[AtomSiteColumns.Count];
    private readonly float[]?[] _reals = new float[AtomSiteColumns.Count][];
    private readonly int[]?[] _integers = new int[AtomSiteColumns.Count][];

    public BinaryAtomSites(ReadOnlySpan<byte> file, string source, int rows)
    {
        _file = file;
        _source = source;
        _rows = rows;
    }

    public void Read(ref MessagePackReader reader, StructureBuilder builder)
    {
        int columns = reader.ReadArray();
        for (int i = 0; i < columns; i++)
        {
            BinaryColumn column = BinaryColumn.Read(ref reader, _source);
            int index = AtomSiteColumns.IndexOf(Encoding.UTF8.GetBytes(column.Name));
            if (index >= 0 && _reals[index] is null && _integers[index] is null && !_text[index].IsPresent)
            {
                Unpack(column, (AtomSiteColumn)index);
            }
        }

        if (_reals[(int)AtomSiteColumn.X] is { } x && _reals[(int)AtomSiteColumn.Y] is { } y && _reals[(int)AtomSiteColumn.Z] is { } z
            && (Text(AtomSiteColumn.LabelAtomId).IsPresent || Text(AtomSiteColumn.AuthAtomId).IsPresent)
            && (Text(AtomSiteColumn.LabelCompId).IsPresent || Text(AtomSiteColumn.AuthCompId).IsPresent))
        {
            builder.Reserve(_rows);
            for (int row = 0; row < _rows; row++)
            {
                Add(builder, row, x[row], y[row], z[row]);
            }
        }
    }

    private void Unpack(BinaryColumn column, AtomSiteColumn place)
    {
        int index = (int)place;
        switch (place)
        {
            case AtomSiteColumn.X or AtomSiteColumn.Y or AtomSiteColumn.Z:
                _reals[index] = column.DecodeReals(_file, _source, CifCategories.AtomSite, _rows, float.NaN);
                break;
            case AtomSiteColumn.Occupancy:
                _reals[index] = column.DecodeReals(_file, _source, CifCategories.AtomSite, _rows, 1);
                break;
            case AtomSiteColumn.BFactor:
                _reals[index] = column.DecodeReals(_file, _source, CifCategories.AtomSite, _rows, 0);
                break;
            case AtomSiteColumn.LabelSeqId or AtomSiteColumn.AuthSeqId:
                _integers[index] = column.DecodeIntegers(_file, _source, CifCategories.AtomSite, _rows, ResidueRecord.NoLabelNumber);
                break;
            case AtomSiteColumn.ModelNumber:
                _integers[index] = column.DecodeIntegers(_file, _source, CifCategories.AtomSite, _rows, 1);
                break;
            default:
                _text[index] = column.DecodeText(_file, _source, CifCategories.AtomSite, _rows);
                break;
        }
    }

    private TextColumn Text(AtomSiteColumn column) => _text[(int)column];

    private ReadOnlySpan<byte> Text(int row, AtomSiteColumn column, AtomSiteColumn other)
    {
        ReadOnlySpan<byte> value = _text[(int)column][row];
        return value.IsEmpty ? _text[(int)other][row] : value;
    }

    private void Add(StructureBuilder builder, int row, float x, float y, float z)
    {
        var site = default(AtomSite);
        site.Atom.X = x;
        site.Atom.Y = y;
        site.Atom.Z = z;
        site.Atom.Occupancy = _reals[(int)AtomSiteColumn.Occupancy]?[row] ?? 1;
        site.Atom.BFactor = _reals[(int)AtomSiteColumn.BFactor]?[row] ?? 0;
        site.Atom.IsHetero = Text(AtomSiteColumn.GroupPdb)[row].StartsWith("HETATM"u8);
        site.Atom.Name = new AtomName(Text(row, AtomSiteColumn.LabelAtomId, AtomSiteColumn.AuthAtomId));
        site.Atom.Element = StructureText.PackElement(Text(AtomSiteColumn.TypeSymbol)[row]);
        ReadOnlySpan<byte> altLoc = Text(AtomSiteColumn.LabelAltId)[row];
        site.Atom.AltLoc = altLoc.IsEmpty ? (byte)0 : altLoc[0];
        site.Component = Text(row, AtomSiteColumn.LabelCompId, AtomSiteColumn.AuthCompId);
        site.LabelId = Text(AtomSiteColumn.LabelAsymId)[row];
        site.AuthId = Text(row, AtomSiteColumn.AuthAsymId, AtomSiteColumn.LabelAsymId);
        site.LabelNumber = _integers[(int)AtomSiteColumn.LabelSeqId]?[row] ?? ResidueRecord.NoLabelNumber;
        int number = _integers[(int)AtomSiteColumn.AuthSeqId]?[row] ?? ResidueRecord.NoLabelNumber;
        site.Number = number != ResidueRecord.NoLabelNumber ? number : site.LabelNumber != ResidueRecord.NoLabelNumber ? site.LabelNumber : 0;
        ReadOnlySpan<byte> insertionCode = Text(AtomSiteColumn.InsertionCode)[row];
        site.InsertionCode = insertionCode.IsEmpty ? ' ' : (char)insertionCode[0];
        int model = _integers[(int)AtomSiteColumn.ModelNumber]?[row] ?? 1;
        if (model != builder.ModelNumber)
        {
            builder.ContinueModel(model);
        }

        builder.Add(site);
    }
}

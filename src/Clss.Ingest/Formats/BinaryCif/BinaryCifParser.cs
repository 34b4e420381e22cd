using System.Text;
using Clss.Ingest.Formats.MmCif;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>Walks the data blocks of one file and unpacks the columns that are read.</summary>
internal readonly ref struct BinaryCifParser
{
    // Three coordinates of an atom of its own take a byte each at least, and everything else comes on top.
    private const int MinBytesPerAtom = 2;

    // The other categories that are read have a row for each molecule, and text in it.
    private const int MinBytesPerRow = 16;
    private const int AlwaysAllowedRows = 1000;

    private readonly ReadOnlySpan<byte> _file;
    private readonly StructureBuilder _builder;
    private readonly string _source;

    public BinaryCifParser(ReadOnlySpan<byte> file, StructureBuilder builder, string source)
    {
        _file = file;
        _builder = builder;
        _source = source;
    }

    public void Run()
    {
        var reader = new MessagePackReader(_file, _source);
        int pairs = reader.ReadMap();
        for (int i = 0; i < pairs; i++)
        {
            if (reader.ReadString() == "dataBlocks")
            {
                ReadBlocks(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (_builder.AtomCount == 0)
        {
            throw new StructureFormatException($"{_source}: no atom coordinates: there are no _atom_site rows with Cartn_x, Cartn_y and Cartn_z.");
        }
    }

    private void ReadBlocks(ref MessagePackReader reader)
    {
        int blocks = reader.ReadArray();
        for (int block = 0; block < blocks; block++)
        {
            if (_builder.AtomCount > 0)
            {
                _builder.Notes.Add("more than one data block: the first with atoms was read, those after it were not.");
                return;
            }

            var categories = new CifCategories();
            int pairs = reader.ReadMap();
            for (int i = 0; i < pairs; i++)
            {
                if (reader.ReadString() == "categories")
                {
                    int count = reader.ReadArray();
                    for (int category = 0; category < count; category++)
                    {
                        ReadCategory(ref reader, categories);
                    }
                }
                else
                {
                    reader.Skip();
                }
            }

            if (_builder.AtomCount > 0)
            {
                categories.ApplyTo(_builder);
            }
        }
    }

    private void ReadCategory(ref MessagePackReader reader, CifCategories categories)
    {
        // The name may come behind the columns.
        string name = "";
        int rows = -1;
        int columns = -1;
        int pairs = reader.ReadMap();
        for (int i = 0; i < pairs; i++)
        {
            switch (reader.ReadString())
            {
                case "name":
                    name = reader.ReadString();
                    break;
                case "rowCount":
                    rows = reader.ReadInt();
                    break;
                case "columns":
                    columns = reader.Position;
                    reader.Skip();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (columns < 0)
        {
            return;
        }

        bool isAtoms = string.Equals(name, CifCategories.AtomSite, StringComparison.OrdinalIgnoreCase);
        CifTable? table = isAtoms ? null : categories.Find(Encoding.UTF8.GetBytes(name));
        if (!isAtoms && table is null)
        {
            return;
        }

        if (rows < 0 || rows > Math.Max(AlwaysAllowedRows, _file.Length / (isAtoms ? MinBytesPerAtom : MinBytesPerRow)))
        {
            throw new StructureFormatException($"{_source}: category {name} announces {rows:N0} rows in a file of {_file.Length:N0} bytes. The file is damaged.");
        }

        var columnReader = new MessagePackReader(_file, _source, columns);
        if (isAtoms)
        {
            new BinaryAtomSites(_file, _source, rows).Read(ref columnReader, _builder);
        }
        else
        {
            ReadTable(ref columnReader, name, rows, table!);
        }
    }

    private void ReadTable(ref MessagePackReader reader, string category, int rows, CifTable table)
    {
        int columns = reader.ReadArray();
        for (int i = 0; i < columns; i++)
        {
            BinaryColumn column = BinaryColumn.Read(ref reader, _source);
            if (!CifCategories.IsWanted(column.Name) || table.Has(column.Name))
            {
                continue;
            }

            TextColumn values = column.DecodeText(_file, _source, category, rows);
            for (int row = 0; row < rows; row++)
            {
                table.Add(column.Name, values.TextOf(row));
            }
        }
    }
}

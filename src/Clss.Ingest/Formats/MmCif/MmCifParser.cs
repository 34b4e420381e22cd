using System.Text;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.MmCif;

/// <summary>Walks the data blocks of one file: atoms go to the builder, a few small categories to <see cref="CifCategories"/>, the rest is passed over.</summary>
internal ref struct MmCifParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly StructureBuilder _builder;
    private readonly string _source;
    private CifTokenizer _tokens;
    private CifCategories _categories = new();
    private CifTokenKind _kind;
    private string _otherContent = "";

    public MmCifParser(ReadOnlySpan<byte> text, StructureBuilder builder, string source)
    {
        _text = text;
        _tokens = new CifTokenizer(text, source);
        _builder = builder;
        _source = source;
    }

    public void Run()
    {
        _kind = _tokens.Next();
        while (_kind != CifTokenKind.End)
        {
            if (_kind == CifTokenKind.Data)
            {
                if (_builder.AtomCount > 0)
                {
                    _builder.Notes.Add("more than one data block: the first with atoms was read, those after it were not.");
                    break;
                }

                _categories = new CifCategories();
            }

            if (_kind is CifTokenKind.Data or CifTokenKind.Save or CifTokenKind.Stop)
            {
                _kind = _tokens.Next();
            }
            else
            {
                ReadItem();
            }
        }

        if (_builder.AtomCount == 0)
        {
            throw new StructureFormatException($"{_source}: no atom coordinates: {DescribeEmptiness()}");
        }

        _categories.ApplyTo(_builder);
    }

    private readonly string DescribeEmptiness() => _otherContent.Length > 0
        ? $"{_otherContent}."
        : "there are no _atom_site rows with Cartn_x, Cartn_y and Cartn_z. Was the download cut off?";

    private void ReadItem()
    {
        switch (_kind)
        {
            case CifTokenKind.Loop:
                _kind = _tokens.Next();
                ReadLoop();
                break;
            case CifTokenKind.Tag:
                ReadPair();
                break;
            default:
                throw new StructureFormatException(
                    $"{_source}({_tokens.LineOf(_tokens.Start)}): \"{Show(_tokens.Token)}\" stands where a name or loop_ must. The file is damaged, or a row before it has too many or too few values.");
        }
    }

    private void ReadPair()
    {
        ReadOnlySpan<byte> tag = _tokens.Token;
        int tagStart = _tokens.Start;
        SplitTag(tag, out ReadOnlySpan<byte> category, out ReadOnlySpan<byte> column);
        NoteContent(tag, category);
        if (Ascii.EqualsIgnoreCase(category, CifCategories.AtomSite))
        {
            ReadSingleAtom(column);
            return;
        }

        _kind = _tokens.Next();
        if (_kind is not (CifTokenKind.Value or CifTokenKind.QuotedValue))
        {
            throw new StructureFormatException($"{_source}({_tokens.LineOf(tagStart)}): {Show(tag)} has no value. The file is cut off or damaged.");
        }

        if (_categories.Find(category) is { } table && WantedColumn(column) is { } wanted)
        {
            table.Add(wanted, ValueText());
        }

        _kind = _tokens.Next();
    }

    /// <summary>A category of one row may be written as pairs: one atom.</summary>
    private void ReadSingleAtom(ReadOnlySpan<byte> firstColumn)
    {
        var rows = new AtomSiteRows(_text, _builder, _source);
        int column = rows.AddColumn(firstColumn);
        while (true)
        {
            int tagStart = _tokens.Start;
            _kind = _tokens.Next();
            if (_kind is not (CifTokenKind.Value or CifTokenKind.QuotedValue))
            {
                throw new StructureFormatException($"{_source}({_tokens.LineOf(tagStart)}): an item of _atom_site has no value. The file is cut off or damaged.");
            }

            rows.Take(column, _tokens.Start, IsMissing() ? 0 : _tokens.Length);
            _kind = _tokens.Next();
            if (_kind != CifTokenKind.Tag)
            {
                break;
            }

            SplitTag(_tokens.Token, out ReadOnlySpan<byte> category, out ReadOnlySpan<byte> name);
            if (!Ascii.EqualsIgnoreCase(category, CifCategories.AtomSite))
            {
                break;
            }

            column = rows.AddColumn(name);
        }

        if (rows.HasCoordinates)
        {
            rows.EndRow();
        }
    }

    private void ReadLoop()
    {
        if (_kind != CifTokenKind.Tag)
        {
            throw new StructureFormatException($"{_source}({_tokens.LineOf(_tokens.Start)}): loop_ is followed by no name. The file is cut off or damaged.");
        }

        SplitTag(_tokens.Token, out ReadOnlySpan<byte> category, out _);
        NoteContent(_tokens.Token, category);
        if (Ascii.EqualsIgnoreCase(category, CifCategories.AtomSite))
        {
            ReadAtomSites();
        }
        else if (_categories.Find(category) is { } table)
        {
            ReadTable(table);
        }
        else
        {
            SkipLoop();
        }
    }

    private void SkipLoop()
    {
        while (_kind == CifTokenKind.Tag)
        {
            _kind = _tokens.Next();
        }

        while (_kind is CifTokenKind.Value or CifTokenKind.QuotedValue)
        {
            _kind = _tokens.Next();
        }
    }

    private void ReadTable(CifTable table)
    {
        // Null for columns that are passed over.
        var columns = new List<string?>();
        while (_kind == CifTokenKind.Tag)
        {
            SplitTag(_tokens.Token, out _, out ReadOnlySpan<byte> name);
            columns.Add(WantedColumn(name));
            _kind = _tokens.Next();
        }

        for (int i = 0; _kind is CifTokenKind.Value or CifTokenKind.QuotedValue; i = (i + 1) % columns.Count)
        {
            if (columns[i] is { } column)
            {
                table.Add(column, ValueText());
            }

            _kind = _tokens.Next();
        }
    }

    private void ReadAtomSites()
    {
        var rows = new AtomSiteRows(_text, _builder, _source);
        var columns = new List<int>();
        while (_kind == CifTokenKind.Tag)
        {
            SplitTag(_tokens.Token, out _, out ReadOnlySpan<byte> column);
            columns.Add(rows.AddColumn(column));
            _kind = _tokens.Next();
        }

        if (!rows.HasCoordinates)
        {
            SkipLoop();
            return;
        }

        ReadOnlySpan<int> targets = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(columns);
        while (_kind is CifTokenKind.Value or CifTokenKind.QuotedValue)
        {
            int rowStart = _tokens.Start;
            for (int i = 0; i < targets.Length; i++)
            {
                if (_kind is not (CifTokenKind.Value or CifTokenKind.QuotedValue))
                {
                    throw new StructureFormatException($"{_source}({_tokens.LineOf(rowStart)}): this _atom_site row has {i} of {targets.Length} values. The file is cut off or damaged.");
                }

                if (targets[i] >= 0)
                {
                    rows.Take(targets[i], _tokens.Start, IsMissing() ? 0 : _tokens.Length);
                }

                _kind = _tokens.Next();
            }

            rows.EndRow();
        }
    }

    private readonly bool IsMissing() => _tokens.Length == 1 && _kind == CifTokenKind.Value && _text[_tokens.Start] is (byte)'.' or (byte)'?';

    private readonly string? ValueText() => IsMissing() ? null : Encoding.UTF8.GetString(_tokens.Token);

    private static string? WantedColumn(ReadOnlySpan<byte> name) =>
        Encoding.Latin1.GetString(name) is var text && CifCategories.IsWanted(text) ? text : null;

    private static void SplitTag(ReadOnlySpan<byte> tag, out ReadOnlySpan<byte> category, out ReadOnlySpan<byte> column)
    {
        int dot = tag.IndexOf((byte)'.');
        category = dot < 0 ? tag : tag[..dot];
        column = dot < 0 ? [] : tag[(dot + 1)..];
    }

    // So that the error of a file without atoms says what the file is.
    private void NoteContent(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> category)
    {
        if (Ascii.EqualsIgnoreCase(category, "_chem_comp_atom"u8))
        {
            _otherContent = "this is the description of a chemical component, not a structure";
        }
        else if (tag.StartsWith("_atom_site_"u8))
        {
            _otherContent = "this is a small-molecule crystal structure with fractional coordinates, not a protein";
        }
    }

    private static string Show(ReadOnlySpan<byte> token) => StructureText.Decode(token[..Math.Min(token.Length, 40)]);
}

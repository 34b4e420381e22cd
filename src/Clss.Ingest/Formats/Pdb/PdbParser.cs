using System.Globalization;
using System.Text;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.Pdb;

/// <summary>Walks the lines of one file. Columns are 0-based here; the format's description counts from 1.</summary>
internal ref struct PdbParser
{
    private const int MinAtomLine = 54;
    private const int MaxNotedLines = 3;

    private readonly ReadOnlySpan<byte> _text;
    private readonly StructureBuilder _builder;
    private readonly PdbHeader _header;
    private long _line;
    private long _badLines;
    private StringBuilder? _badLineNumbers;
    private bool _afterModel;
    private bool _afterEnd;
    private long _records;

    public PdbParser(ReadOnlySpan<byte> text, StructureBuilder builder)
    {
        _text = text;
        _builder = builder;
        _header = new PdbHeader(builder);
    }

    public void Run()
    {
        // Old Macintosh programs end lines with CR alone.
        byte lineEnd = _text.Contains((byte)'\n') ? (byte)'\n' : (byte)'\r';
        ReadOnlySpan<byte> rest = _text;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf(lineEnd);
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            _line++;
            if (line.Length > 0 && line[^1] == '\r')
            {
                line = line[..^1];
            }

            ReadLine(line);
        }

        _header.Finish();
        if (_badLines > 0)
        {
            _builder.Notes.Add($"{_badLines:N0} coordinate line{(_badLines == 1 ? " that cannot be read was" : "s that cannot be read were")} passed over (line {_badLineNumbers}{(_badLines > MaxNotedLines ? ", ..." : "")}).");
        }
    }

    public readonly string DescribeEmptiness() =>
        _badLines > 0 ? $"none of its {_badLines:N0} ATOM and HETATM lines can be read (line {_badLineNumbers})."
        : _records > 0 ? "the file has header records only. Was the download cut off?"
        : "the file has no ATOM or HETATM line.";

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("ATOM"u8))
        {
            ReadAtom(line, isHetero: false);
        }
        else if (line.StartsWith("HETATM"u8))
        {
            ReadAtom(line, isHetero: true);
        }
        else if (line.StartsWith("ANISOU"u8))
        {
            // The most frequent of the records that are passed over.
        }
        else if (line.StartsWith("MODEL"u8) && (line.Length == 5 || line[5] == ' '))
        {
            ReadModel(line);
        }
        else if (line.StartsWith("ENDMDL"u8))
        {
            _afterModel = true;
        }
        else if (line.StartsWith("END"u8) && StructureText.Trim(line).Length == 3)
        {
            _afterEnd = true;
        }
        else if (line.StartsWith("TER"u8) && (line.Length == 3 || line[3] == ' '))
        {
            _builder.EndNamelessChain();
        }
        else if (_header.Read(line))
        {
            _records++;
        }
    }

    private void ReadModel(ReadOnlySpan<byte> line)
    {
        int next = (_builder.ModelNumber ?? 0) + 1;
        bool hasNumber = DecimalText.TryParse(StructureText.Trim(line[5..Math.Min(line.Length, 20)]), out int number);
        _builder.BeginModel(hasNumber ? number : next, announced: true);
        _afterModel = false;
        _afterEnd = false;
    }

    private void ReadAtom(ReadOnlySpan<byte> line, bool isHetero)
    {
        var site = new AtomSite { LabelNumber = ResidueRecord.NoLabelNumber };
        if (line.Length < MinAtomLine
            || !DecimalText.TryParse(StructureText.Trim(line.Slice(30, 8)), out site.Atom.X)
            || !DecimalText.TryParse(StructureText.Trim(line.Slice(38, 8)), out site.Atom.Y)
            || !DecimalText.TryParse(StructureText.Trim(line.Slice(46, 8)), out site.Atom.Z)
            || !Hybrid36.TryParse(line.Slice(22, 4), out site.Number))
        {
            NoteBadLine();
            return;
        }

        site.Atom.IsHetero = isHetero;
        site.Atom.Name = new AtomName(StructureText.Trim(line.Slice(12, 4)));
        site.Atom.AltLoc = line[16] == ' ' ? (byte)0 : line[16];
        site.InsertionCode = (char)line[26];
        ReadNames(line, ref site);
        ReadTail(line, ref site.Atom);
        if (_afterModel || _afterEnd)
        {
            // Trajectories part their frames by ENDMDL or END alone.
            _builder.BeginModel((_builder.ModelNumber ?? 0) + 1, announced: false);
            _afterModel = false;
            _afterEnd = false;
        }

        _builder.Add(site);
    }

    private static void ReadNames(ReadOnlySpan<byte> line, ref AtomSite site)
    {
        site.Component = StructureText.Trim(line.Slice(17, 3));
        site.AuthId = line[21] == ' ' ? [] : line.Slice(21, 1);
        if (line[20] == ' ')
        {
            return;
        }

        // Column 21 belongs to nobody: force fields write names of four letters, others chain ids of two.
        if (line[21] == ' ' || IsLongName(line.Slice(17, 4)))
        {
            site.Component = StructureText.Trim(line.Slice(17, 4));
        }
        else
        {
            site.AuthId = line.Slice(20, 2);
        }
    }

    private static bool IsLongName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("TIP3"u8) || name.SequenceEqual("TIP4"u8) || name.SequenceEqual("TIP5"u8) || name.SequenceEqual("SPCE"u8)
        || name.SequenceEqual("HISD"u8) || name.SequenceEqual("HISE"u8) || name.SequenceEqual("HISH"u8) || name.SequenceEqual("CYS2"u8)
        || name.SequenceEqual("CYSH"u8) || name.SequenceEqual("LYSH"u8) || name.SequenceEqual("ASPH"u8) || name.SequenceEqual("GLUH"u8);

    private static void ReadTail(ReadOnlySpan<byte> line, ref AtomRecord atom)
    {
        atom.Occupancy = 1;
        if (line.Length >= 60 && DecimalText.TryParse(StructureText.Trim(line.Slice(54, 6)), out float occupancy))
        {
            atom.Occupancy = occupancy;
        }

        if (line.Length > 60 && DecimalText.TryParse(StructureText.Trim(line[60..Math.Min(66, line.Length)]), out float bFactor))
        {
            atom.BFactor = bFactor;
        }

        if (line.Length > 76)
        {
            atom.Element = StructureText.PackElement(StructureText.Trim(line[76..Math.Min(78, line.Length)]));
        }
    }

    private void NoteBadLine()
    {
        _badLines++;
        if (_badLines <= MaxNotedLines)
        {
            _badLineNumbers ??= new StringBuilder();
            _badLineNumbers.Append(_badLineNumbers.Length > 0 ? ", " : "").Append(_line.ToString(CultureInfo.InvariantCulture));
        }
    }
}

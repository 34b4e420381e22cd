using System.Text;

namespace Clss.Ingest.Formats.Fasta;

/// <summary>The residues of the record under way, as bytes, with what was noticed about them.</summary>
internal sealed class ResidueBuffer
{
    private static readonly ByteClass[] DefaultClasses = ClassesOf(ResiduePolicy.Default);
    private static readonly ByteClass[] ReferenceClasses = ClassesOf(ResiduePolicy.Reference);

    private readonly ByteClass[] _classes;
    private readonly int _maxResidues;
    private byte[] _bytes = new byte[1024];
    private int _count;
    private long _total;
    private bool _lower;
    private bool _gaps;
    private bool _stops;
    private int _invalidCount;
    private byte _invalid;
    private long _invalidPosition;
    private long _invalidLine;

    public ResidueBuffer(FastaOptions options)
    {
        _classes = options.Policy == ResiduePolicy.Reference ? ReferenceClasses : DefaultClasses;
        _maxResidues = options.MaxResidues;
    }

    private enum ByteClass : byte
    {
        Invalid,
        Residue,
        Lower,
        Blank,
        Gap,
        Stop,
    }

    public void Clear()
    {
        _count = 0;
        _total = 0;
        _lower = _gaps = _stops = false;
        _invalidCount = 0;
    }

    public void Append(ReadOnlySpan<byte> text, long line)
    {
        // Nearly every line is capital letters only: one vectorised look, one copy.
        if (text.IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0)
        {
            if (HasRoomFor(text.Length))
            {
                text.CopyTo(_bytes.AsSpan(_count));
                _count += text.Length;
            }

            _total += text.Length;
            return;
        }

        AppendMixed(text, line);
    }

    /// <summary>A control-Z as the last byte of a file is how old Windows and CP/M programs mark its end.</summary>
    public void ForgiveControlZ()
    {
        if (_invalidCount == 1 && _invalid == 0x1A)
        {
            _invalidCount = 0;
        }
    }

    /// <summary>Why the sequence cannot be taken, or null.</summary>
    public (string Reason, string Detail)? Problem()
    {
        if (_invalidCount > 0)
        {
            string sign = _invalid is > 0x20 and < 0x7F ? $"'{(char)_invalid}'" : $"byte 0x{_invalid:X2}";
            string more = _invalidCount > 1 ? $", and {_invalidCount - 1:N0} more" : "";
            return (RejectionReasons.InvalidCharacter, $"{sign} at residue {_invalidPosition:N0}, line {_invalidLine}{more}; expected letters, '*', '-' or '.'");
        }

        if (_total > _maxResidues)
        {
            return (RejectionReasons.TooLong, $"{_total:N0} residues; at most {_maxResidues:N0} are taken");
        }

        TrimStops();
        return _count > 0 ? null : (RejectionReasons.EmptySequence, _gaps || _total > 0 ? "only gap or stop signs follow the header" : "no residues follow the header");
    }

    /// <summary>Adds what was changed in this record to the report.</summary>
    public void Count(FastaReport report)
    {
        report.RecordsWithGaps += _gaps ? 1 : 0;
        report.RecordsWithLowerCase += _lower ? 1 : 0;
        report.RecordsWithInternalStops += _stops ? 1 : 0;
        report.CountLetters(_bytes.AsSpan(0, _count));
    }

    public string Take() => Encoding.Latin1.GetString(_bytes, 0, _count);

    private void AppendMixed(ReadOnlySpan<byte> text, long line)
    {
        bool store = HasRoomFor(text.Length);
        foreach (byte value in text)
        {
            byte residue = value;
            switch (_classes[value])
            {
                case ByteClass.Blank:
                    continue;
                case ByteClass.Gap:
                    _gaps = true;
                    continue;
                case ByteClass.Lower:
                    _lower = true;
                    residue = (byte)(value - 'a' + 'A');
                    break;
                case ByteClass.Stop:
                    _stops = true;
                    break;
                case ByteClass.Invalid:
                    NoteInvalid(value, line);
                    continue;
                default:
                    break;
            }

            _total++;
            if (store)
            {
                _bytes[_count++] = residue;
            }
        }
    }

    private void NoteInvalid(byte value, long line)
    {
        if (_invalidCount++ == 0)
        {
            _invalid = value;
            _invalidPosition = _total + 1;
            _invalidLine = line;
        }
    }

    // A record past the limit is only counted, so that an endless line costs no memory.
    private bool HasRoomFor(int more)
    {
        long needed = (long)_count + more;
        if (_total > _maxResidues || needed > Math.Max(_maxResidues, _bytes.Length) + (1L << 18))
        {
            return false;
        }

        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(needed, _bytes.Length * 2L), Array.MaxLength));
        }

        return true;
    }

    private void TrimStops()
    {
        if (!_stops)
        {
            return;
        }

        while (_count > 0 && _bytes[_count - 1] == '*')
        {
            _count--;
        }

        Span<byte> kept = _bytes.AsSpan(0, _count);
        _stops = kept.Contains((byte)'*');
        kept.Replace((byte)'*', (byte)'X');
    }

    private static ByteClass[] ClassesOf(ResiduePolicy policy)
    {
        var classes = new ByteClass[256];
        if (policy == ResiduePolicy.Reference)
        {
            Array.Fill(classes, ByteClass.Residue, 0x21, 0x7E - 0x21 + 1);
        }
        else
        {
            Array.Fill(classes, ByteClass.Residue, 'A', 26);
            Array.Fill(classes, ByteClass.Lower, 'a', 26);
            classes['-'] = classes['.'] = ByteClass.Gap;
            classes['*'] = ByteClass.Stop;
        }

        classes[' '] = classes['\t'] = classes['\v'] = classes['\f'] = ByteClass.Blank;
        return classes;
    }
}

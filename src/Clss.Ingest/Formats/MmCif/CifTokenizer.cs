using System.Runtime.CompilerServices;
using System.Text;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.MmCif;

/// <summary>
/// Cuts CIF 1.1 text (S. R. Hall, F. H. Allen, I. D. Brown, Acta Cryst. A47 (1991) 655; International Tables G, 2.2.7) into tokens without
/// copying. Accepted beyond it: bytes over 127, CR and CR LF line ends, control characters as blanks, a text field cut off by the end of the file only as an error.
/// </summary>
internal ref struct CifTokenizer
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly string _source;
    private int _position;

    public CifTokenizer(ReadOnlySpan<byte> text, string source)
    {
        _text = text;
        _source = source;
        _position = text.StartsWith("\uFEFF"u8) ? 3 : 0;
    }

    /// <summary>Where the current token's text begins.</summary>
    public int Start { get; private set; }

    /// <summary>How long the current token's text is, quotes and the sign of a text field left out.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Token => _text.Slice(Start, Length);

    public readonly ReadOnlySpan<byte> Slice(int start, int length) => _text.Slice(start, length);

    /// <summary>The 1-based line of a place in the text.</summary>
    public readonly int LineOf(int position) => 1 + _text[..position].Count((byte)'\n');

    /// <summary>Moves to the next token.</summary>
    // Compiled once and for all: a first file of a hundred megabytes would be over before the tiers have settled.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public CifTokenKind Next()
    {
        ReadOnlySpan<byte> text = _text;
        int position = _position;
        while (true)
        {
            while ((uint)position < (uint)text.Length && text[position] <= ' ')
            {
                position++;
            }

            if (position >= text.Length)
            {
                _position = position;
                Start = position;
                Length = 0;
                return CifTokenKind.End;
            }

            if (text[position] != '#')
            {
                break;
            }

            int end = text[position..].IndexOfAny((byte)'\n', (byte)'\r');
            position = end < 0 ? text.Length : position + end;
        }

        byte first = text[position];
        if (first == ';' && IsLineStart(position))
        {
            return ReadTextField(position);
        }

        if (first is (byte)'\'' or (byte)'"')
        {
            return ReadQuoted(position, first);
        }

        int start = position;
        while ((uint)position < (uint)text.Length && text[position] > ' ')
        {
            position++;
        }

        _position = position;
        Start = start;
        Length = position - start;
        return first == '_' ? CifTokenKind.Tag : Classify(text.Slice(start, Length));
    }

    private static CifTokenKind Classify(ReadOnlySpan<byte> word)
    {
        if (word.Length < 5 || (word[4] != '_' && word[^1] != '_'))
        {
            return CifTokenKind.Value;
        }

        return Ascii.EqualsIgnoreCase(word[..5], "data_"u8) ? CifTokenKind.Data
            : Ascii.EqualsIgnoreCase(word, "loop_"u8) ? CifTokenKind.Loop
            : Ascii.EqualsIgnoreCase(word[..5], "save_"u8) ? CifTokenKind.Save
            : Ascii.EqualsIgnoreCase(word, "stop_"u8) || Ascii.EqualsIgnoreCase(word, "global_"u8) ? CifTokenKind.Stop
            : CifTokenKind.Value;
    }

    private readonly bool IsLineStart(int position) => position == 0 || _text[position - 1] is (byte)'\n' or (byte)'\r';

    private CifTokenKind ReadTextField(int position)
    {
        int start = position + 1;
        int from = start;
        while (true)
        {
            int semicolon = _text[from..].IndexOf((byte)';');
            if (semicolon < 0)
            {
                throw new StructureFormatException($"{_source}({LineOf(position)}): the text that begins here with ';' does not end. The file is cut off or damaged.");
            }

            from += semicolon;
            if (from > start && IsLineStart(from))
            {
                Start = start;
                Length = from - start;
                _position = from + 1;
                TrimLineEnd();
                return CifTokenKind.QuotedValue;
            }

            from++;
        }
    }

    private void TrimLineEnd()
    {
        if (Length > 0 && _text[Start + Length - 1] == '\n')
        {
            Length--;
        }

        if (Length > 0 && _text[Start + Length - 1] == '\r')
        {
            Length--;
        }
    }

    // A quote ends the value only before a blank: 'A'"' is A'".
    private CifTokenKind ReadQuoted(int position, byte quote)
    {
        int start = position + 1;
        for (int i = start; i < _text.Length && _text[i] is not ((byte)'\n' or (byte)'\r'); i++)
        {
            if (_text[i] == quote && (i + 1 == _text.Length || _text[i + 1] <= ' '))
            {
                Start = start;
                Length = i - start;
                _position = i + 1;
                return CifTokenKind.QuotedValue;
            }
        }

        throw new StructureFormatException($"{_source}({LineOf(position)}): the quoted value that begins here does not end on its line. The file is cut off or damaged.");
    }
}

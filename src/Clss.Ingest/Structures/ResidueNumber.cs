using System.Globalization;

namespace Clss.Ingest.Structures;

/// <summary>
/// The name an author gave a residue: a number and an insertion code, such as <c>-3</c> or <c>46P</c>. It is a name: numbers may
/// be negative, repeat, jump and run backwards.
/// </summary>
/// <param name="Number">The number; mmCIF <c>auth_seq_id</c>.</param>
/// <param name="InsertionCode">The insertion code; mmCIF <c>pdbx_PDB_ins_code</c>; a blank when there is none.</param>
public readonly record struct ResidueNumber(int Number, char InsertionCode = ' ')
{
    /// <summary>Whether there is an insertion code.</summary>
    public bool HasInsertionCode => InsertionCode != ' ';

    /// <summary>Reads <c>[-]digits[letter]</c>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ResidueNumber number)
    {
        char insertionCode = ' ';
        if (text.Length > 1 && char.IsAsciiLetter(text[^1]))
        {
            insertionCode = text[^1];
            text = text[..^1];
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && text[0] != '+')
        {
            number = new ResidueNumber(value, insertionCode);
            return true;
        }

        number = default;
        return false;
    }

    /// <summary>The number and the insertion code, as files and ranges write them.</summary>
    public override string ToString() => HasInsertionCode
        ? string.Create(CultureInfo.InvariantCulture, $"{Number}{InsertionCode}")
        : Number.ToString(CultureInfo.InvariantCulture);
}

namespace Clss.Ingest.Formats.Pdb;

/// <summary>
/// Numbers that outgrow their columns: plain decimals first, then base 36 with capitals, then with small letters.
/// R. W. Grosse-Kunstleve, Computational Crystallography Newsletter 2007 (http://cci.lbl.gov/hybrid_36).
/// </summary>
internal static class Hybrid36
{
    private const int Base = 36;
    private const int FirstLetter = 10;
    private const int Letters = 26;

    /// <summary>Reads a field of four columns, blanks around the number allowed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out int value)
    {
        ReadOnlySpan<byte> text = Structures.StructureText.Trim(field);
        if (DecimalText.TryParse(text, out value))
        {
            return true;
        }

        if (text.Length != field.Length || text.Length == 0 || (uint)((text[0] | 0x20) - 'a') >= Letters)
        {
            return false;
        }

        bool capitals = (text[0] & 0x20) == 0;
        long number = 0;
        foreach (byte letter in text)
        {
            int digit = letter is >= (byte)'0' and <= (byte)'9' ? letter - '0'
                : capitals && letter is >= (byte)'A' and <= (byte)'Z' ? letter - 'A' + FirstLetter
                : !capitals && letter is >= (byte)'a' and <= (byte)'z' ? letter - 'a' + FirstLetter
                : -1;
            if (digit < 0)
            {
                return false;
            }

            number = (number * Base) + digit;
        }

        long power = 1;
        long decimals = 10;
        for (int i = 1; i < text.Length; i++)
        {
            power *= Base;
            decimals *= 10;
        }

        // A000 follows 9999; a000 follows ZZZZ.
        value = (int)(number - (FirstLetter * power) + decimals + (capitals ? 0 : Letters * power));
        return true;
    }
}

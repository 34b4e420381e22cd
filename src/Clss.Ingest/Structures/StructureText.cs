using System.Text;

namespace Clss.Ingest.Structures;

/// <summary>Small conversions between the bytes of structure files and text.</summary>
internal static class StructureText
{
    /// <summary>A header text: UTF-8 where it is valid, Latin-1 otherwise; blanks joined, control characters removed.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        string text = System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
        var clean = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            char kept = char.IsControl(letter) || char.IsWhiteSpace(letter) ? ' ' : letter;
            if (kept != ' ' || (clean.Length > 0 && clean[^1] != ' '))
            {
                clean.Append(kept);
            }
        }

        return clean.ToString().TrimEnd();
    }

    public static string Element(ushort packed) => packed switch
    {
        0 => "",
        < 0x100 => ((char)packed).ToString(),
        _ => string.Create(2, packed, static (span, value) => (span[0], span[1]) = ((char)(value & 0xFF), (char)(value >> 8))),
    };

    public static ushort PackElement(ReadOnlySpan<byte> symbol)
    {
        if (symbol.IsEmpty || !IsLetter(symbol[0]))
        {
            return 0;
        }

        return symbol.Length > 1 && IsLetter(symbol[1])
            ? (ushort)(Upper(symbol[0]) | (Upper(symbol[1]) << 8))
            : Upper(symbol[0]);
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field)
    {
        int start = 0;
        int end = field.Length;
        while (start < end && field[start] <= ' ')
        {
            start++;
        }

        while (end > start && field[end - 1] <= ' ')
        {
            end--;
        }

        return field[start..end];
    }

    private static bool IsLetter(byte value) => (uint)((value | 0x20) - 'a') < 26;

    private static ushort Upper(byte letter) => (ushort)(letter & ~0x20);
}

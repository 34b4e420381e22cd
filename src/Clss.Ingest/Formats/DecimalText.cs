using System.Buffers.Text;

namespace Clss.Ingest.Formats;

/// <summary>Numbers as structure files write them, fast for the usual forms.</summary>
internal static class DecimalText
{
    // 10^0 .. 10^22 are exact in double precision, and so is the quotient's rounding: W. D. Clinger, PLDI 1990.
    private static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads a whole field without blanks: digits with a point, an exponent, or a word for no number (nan, inf).</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out float value)
    {
        int position = 0;
        bool negative = false;
        if (field.Length > 0 && field[0] is (byte)'-' or (byte)'+')
        {
            negative = field[0] == '-';
            position = 1;
        }

        long mantissa = 0;
        int digits = 0;
        int point = -1;
        for (; position < field.Length; position++)
        {
            uint digit = (uint)(field[position] - '0');
            if (digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                digits++;
            }
            else if (field[position] == '.' && point < 0)
            {
                point = digits;
            }
            else
            {
                return TryParseUnusual(field, out value);
            }

            // 2^53 has sixteen digits: past fifteen the mantissa may not be exact.
            if (digits > 15)
            {
                return TryParseUnusual(field, out value);
            }
        }

        if (digits == 0)
        {
            value = 0;
            return false;
        }

        double magnitude = point < 0 ? mantissa : mantissa / PowersOfTen[digits - point];
        value = (float)(negative ? -magnitude : magnitude);
        return true;
    }

    /// <summary>Reads a whole field of an optional sign and digits.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out int value)
    {
        int start = field.Length > 0 && field[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        long number = 0;
        for (int i = start; i < field.Length; i++)
        {
            uint digit = (uint)(field[i] - '0');
            if (digit > 9 || i - start > 10)
            {
                value = 0;
                return false;
            }

            number = (number * 10) + digit;
        }

        number = start == 1 && field[0] == '-' ? -number : number;
        value = (int)number;
        return field.Length > start && number == value;
    }

    private static bool TryParseUnusual(ReadOnlySpan<byte> field, out float value)
    {
        if (Utf8Parser.TryParse(field, out double number, out int consumed) && consumed == field.Length)
        {
            value = (float)number;
            return true;
        }

        if (IsWord(field, "nan"u8) || IsWord(field, "-nan"u8) || IsWord(field, "inf"u8) || IsWord(field, "-inf"u8))
        {
            value = float.NaN;
            return true;
        }

        // CIF writes standard uncertainties behind the number: 1.234(5).
        int bracket = field.IndexOf((byte)'(');
        if (bracket > 0 && field[^1] == ')')
        {
            return TryParse(field[..bracket], out value);
        }

        value = 0;
        return false;
    }

    private static bool IsWord(ReadOnlySpan<byte> field, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(field, word);
}

using System.Globalization;
using Clss.Index;

namespace Clss.Ingest.Formats.Tsv;

/// <summary>The narrowest type that every cell of a column has. Empty cells are missing and say nothing.</summary>
internal sealed class ColumnInference
{
    private bool _any;
    private bool _integer = true;
    private bool _real = true;
    private bool _flag = true;

    public ColumnType Type =>
        !_any ? ColumnType.Text
        : _flag ? ColumnType.Flag
        : _integer ? ColumnType.Integer
        : _real ? ColumnType.Real
        : ColumnType.Text;

    public void Add(string cell)
    {
        if (cell.Length == 0)
        {
            return;
        }

        _any = true;
        _flag = _flag && TryFlag(cell, out _);
        _integer = _integer && TryInteger(cell, out _);
        _real = _real && TryReal(cell, out _);
    }

    public static MetadataValue Convert(string cell, ColumnType type)
    {
        if (cell.Length == 0)
        {
            return MetadataValue.Missing;
        }

        return type switch
        {
            ColumnType.Flag when TryFlag(cell, out bool flag) => MetadataValue.Flag(flag),
            ColumnType.Integer when TryInteger(cell, out long integer) => MetadataValue.Integer(integer),
            ColumnType.Real when TryReal(cell, out double real) => MetadataValue.Real(real),
            _ => MetadataValue.Text(cell),
        };
    }

    private static bool TryFlag(string cell, out bool value) => bool.TryParse(cell, out value) && cell[0] is not (' ' or '\t' or '\0');

    // 001 and +5 are names: as numbers they would come back as 1 and 5.
    private static bool TryInteger(string cell, out long value) =>
        long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && value.ToString(CultureInfo.InvariantCulture) == cell;

    // 1e10 is a PDB entry, 1e-5 and 1.0e10 are numbers: an exponent needs a decimal point or a sign.
    private static bool TryReal(string cell, out double value)
    {
        value = 0;
        ReadOnlySpan<char> digits = cell.AsSpan().TrimStart('-');
        if (digits.IsEmpty || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.') || (digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1])))
        {
            return false;
        }

        int exponent = digits.IndexOfAny('e', 'E');
        bool plainExponent = exponent >= 0 && !digits[..exponent].Contains('.') && !digits[exponent..].ContainsAny('+', '-');
        return !plainExponent
            && double.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }
}

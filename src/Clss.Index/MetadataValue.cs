using System.Globalization;

namespace Clss.Index;

/// <summary>One value of a metadata column: missing, text, integer, real, flag or list of text.</summary>
public readonly struct MetadataValue : IEquatable<MetadataValue>
{
    private readonly object? _reference;
    private readonly long _bits;

    private MetadataValue(MetadataKind kind, object? reference, long bits)
    {
        Kind = kind;
        _reference = reference;
        _bits = bits;
    }

    /// <summary>What this value is.</summary>
    public MetadataKind Kind { get; }

    /// <summary>The absent value; also <c>default</c>.</summary>
    public static MetadataValue Missing => default;

    /// <summary>True where there is no value.</summary>
    public bool IsMissing => Kind == MetadataKind.Missing;

    /// <summary>A text value.</summary>
    public static MetadataValue Text(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new MetadataValue(MetadataKind.Text, value, 0);
    }

    /// <summary>An integer value.</summary>
    public static MetadataValue Integer(long value) => new(MetadataKind.Integer, null, value);

    /// <summary>A real value.</summary>
    public static MetadataValue Real(double value) => new(MetadataKind.Real, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A flag value.</summary>
    public static MetadataValue Flag(bool value) => new(MetadataKind.Flag, null, value ? 1 : 0);

    /// <summary>A list of texts. The list is kept, not copied: do not change it afterwards.</summary>
    public static MetadataValue TextList(IReadOnlyList<string> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new MetadataValue(MetadataKind.TextList, value, 0);
    }

    /// <summary>The text. Throws <see cref="InvalidOperationException"/> where the value is something else.</summary>
    public string AsText() => (string)Reference(MetadataKind.Text);

    /// <summary>The integer. Throws <see cref="InvalidOperationException"/> where the value is something else.</summary>
    public long AsInteger() => Bits(MetadataKind.Integer);

    /// <summary>The real number. Throws <see cref="InvalidOperationException"/> where the value is something else.</summary>
    public double AsReal() => BitConverter.Int64BitsToDouble(Bits(MetadataKind.Real));

    /// <summary>The flag. Throws <see cref="InvalidOperationException"/> where the value is something else.</summary>
    public bool AsFlag() => Bits(MetadataKind.Flag) != 0;

    /// <summary>The texts. Throws <see cref="InvalidOperationException"/> where the value is something else.</summary>
    public IReadOnlyList<string> AsTextList() => (IReadOnlyList<string>)Reference(MetadataKind.TextList);

    /// <summary>Same kind and same value; reals by <see cref="double.Equals(double)"/>, lists text by text.</summary>
    public bool Equals(MetadataValue other) => Kind == other.Kind && Kind switch
    {
        MetadataKind.Text => string.Equals(AsText(), other.AsText(), StringComparison.Ordinal),
        MetadataKind.Real => AsReal().Equals(other.AsReal()),
        MetadataKind.TextList => AsTextList().SequenceEqual(other.AsTextList(), StringComparer.Ordinal),
        _ => _bits == other._bits,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MetadataValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Kind);
        switch (Kind)
        {
            case MetadataKind.Text:
                hash.Add(AsText(), StringComparer.Ordinal);
                break;
            case MetadataKind.Real:
                hash.Add(AsReal());
                break;
            case MetadataKind.TextList:
                foreach (string text in AsTextList())
                {
                    hash.Add(text, StringComparer.Ordinal);
                }

                break;
            default:
                hash.Add(_bits);
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>True where both values are equal.</summary>
    public static bool operator ==(MetadataValue left, MetadataValue right) => left.Equals(right);

    /// <summary>True where the values differ.</summary>
    public static bool operator !=(MetadataValue left, MetadataValue right) => !left.Equals(right);

    /// <summary>The value as text in invariant form: empty where missing, <c>true</c>/<c>false</c>, list items joined by <c>;</c>.</summary>
    public override string ToString() => Kind switch
    {
        MetadataKind.Text => AsText(),
        MetadataKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        MetadataKind.Real => AsReal().ToString("R", CultureInfo.InvariantCulture),
        MetadataKind.Flag => AsFlag() ? "true" : "false",
        MetadataKind.TextList => string.Join(';', AsTextList()),
        _ => "",
    };

    private object Reference(MetadataKind kind) => Kind == kind ? _reference! : throw WrongKind(kind);

    private long Bits(MetadataKind kind) => Kind == kind ? _bits : throw WrongKind(kind);

    private InvalidOperationException WrongKind(MetadataKind kind) => new($"The metadata value is {Kind}, not {kind}.");
}

namespace Clss.Index.Metadata;

/// <summary>One comparison of a filter, made ready for the type of its column: is a value in a set, or between bounds?</summary>
internal sealed class ValueTest
{
    private readonly bool _isRange;
    private readonly Utf8Dictionary _texts = new();
    private readonly HashSet<long> _integers = [];
    private readonly HashSet<double> _reals = [];
    private readonly bool[] _flags = new bool[2];
    private readonly byte[]? _lowText;
    private readonly byte[]? _highText;
    private readonly double _lowReal = double.NegativeInfinity;
    private readonly double _highReal = double.PositiveInfinity;
    private readonly long _lowInteger = long.MinValue;
    private readonly long _highInteger = long.MaxValue;
    private readonly bool _isEmpty;

    /// <summary>Membership in a set.</summary>
    public ValueTest(string column, ColumnType type, IReadOnlyList<MetadataValue> values)
    {
        foreach (MetadataValue value in values)
        {
            if (value.IsMissing)
            {
                AcceptsMissing = true;
                continue;
            }

            RequireKind(column, type, value);
            switch (value.Kind)
            {
                case MetadataKind.Text:
                    _texts.Add(TextEncoding.Encode(value.AsText()));
                    break;
                case MetadataKind.Flag:
                    _flags[value.AsFlag() ? 1 : 0] = true;
                    break;
                case MetadataKind.Integer:
                    _integers.Add(value.AsInteger());
                    _reals.Add(value.AsInteger());
                    break;
                default:
                    AddReal(value.AsReal());
                    break;
            }
        }
    }

    /// <summary>Between two bounds, included; a missing bound is open.</summary>
    public ValueTest(string column, ColumnType type, MetadataValue low, MetadataValue high)
    {
        _isRange = true;
        if (type == ColumnType.Flag)
        {
            throw new ClssIndexException($"Column \"{column}\" holds flags, which have no order: use Equal instead of Between.");
        }

        if (!low.IsMissing)
        {
            RequireKind(column, type, low);
            (_lowText, _lowReal, _lowInteger) = (low.Kind == MetadataKind.Text ? TextEncoding.Encode(low.AsText()) : null, AsReal(low), Ceiling(low, ref _isEmpty));
        }

        if (!high.IsMissing)
        {
            RequireKind(column, type, high);
            (_highText, _highReal, _highInteger) = (high.Kind == MetadataKind.Text ? TextEncoding.Encode(high.AsText()) : null, AsReal(high), Floor(high, ref _isEmpty));
        }
    }

    /// <summary>The texts of which a value must be one; null where the test is a range.</summary>
    public Utf8Dictionary? Texts => _isRange ? null : _texts;

    /// <summary>True where rows without a value pass.</summary>
    public bool AcceptsMissing { get; }

    public bool Accepts(ReadOnlySpan<byte> text)
    {
        if (!_isRange)
        {
            return _texts.Find(text) >= 0;
        }

        return (_lowText is null || text.SequenceCompareTo(_lowText) >= 0) && (_highText is null || text.SequenceCompareTo(_highText) <= 0);
    }

    public bool Accepts(long value) => _isRange ? !_isEmpty && value >= _lowInteger && value <= _highInteger : _integers.Contains(value);

    public bool Accepts(double value) => _isRange ? value >= _lowReal && value <= _highReal : _reals.Contains(value);

    public bool Accepts(bool value) => _flags[value ? 1 : 0];

    /// <summary>The test on a value of any kind.</summary>
    public bool Accepts(MetadataValue value) => value.Kind switch
    {
        MetadataKind.Text => Accepts(TextEncoding.Encode(value.AsText())),
        MetadataKind.Integer => Accepts(value.AsInteger()),
        MetadataKind.Real => Accepts(value.AsReal()),
        MetadataKind.Flag => Accepts(value.AsFlag()),
        MetadataKind.TextList => value.AsTextList().Any(text => Accepts(TextEncoding.Encode(text))),
        _ => AcceptsMissing,
    };

    private static void RequireKind(string column, ColumnType type, MetadataValue value)
    {
        bool fits = type switch
        {
            ColumnType.Text or ColumnType.TextList => value.Kind == MetadataKind.Text,
            ColumnType.Integer or ColumnType.Real => value.Kind is MetadataKind.Integer or MetadataKind.Real,
            _ => value.Kind == MetadataKind.Flag,
        };
        if (!fits)
        {
            throw new ClssIndexException($"Column \"{column}\" is {type}; it cannot be compared with the {value.Kind} value \"{value}\".");
        }
    }

    private void AddReal(double value)
    {
        _reals.Add(value);
        if (value == Math.Floor(value) && value >= long.MinValue && value < -(double)long.MinValue)
        {
            _integers.Add((long)value);
        }
    }

    private static double AsReal(MetadataValue value) => value.Kind switch
    {
        MetadataKind.Integer => value.AsInteger(),
        MetadataKind.Real => value.AsReal(),
        _ => 0,
    };

    private static long Ceiling(MetadataValue value, ref bool isEmpty)
    {
        if (value.Kind != MetadataKind.Real)
        {
            return value.Kind == MetadataKind.Integer ? value.AsInteger() : 0;
        }

        double bound = Math.Ceiling(value.AsReal());
        isEmpty |= double.IsNaN(bound) || bound >= -(double)long.MinValue;
        return isEmpty || bound < long.MinValue ? long.MinValue : (long)bound;
    }

    private static long Floor(MetadataValue value, ref bool isEmpty)
    {
        if (value.Kind != MetadataKind.Real)
        {
            return value.Kind == MetadataKind.Integer ? value.AsInteger() : 0;
        }

        double bound = Math.Floor(value.AsReal());
        isEmpty |= double.IsNaN(bound) || bound < long.MinValue;
        return isEmpty || bound >= -(double)long.MinValue ? long.MaxValue : (long)bound;
    }
}

using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Integers in the narrowest signed width that holds them all.</summary>
internal sealed unsafe class IntegerColumn : Column
{
    private readonly Section _values;

    public IntegerColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        _values = file.Get(SectionKind.Integers, item);
        if (_values.Header.ElementType is < ElementType.Int8 or > ElementType.Int64)
        {
            throw _values.Corrupt($"Expected signed integers, found {_values.Header.ElementType}.");
        }

        _values.Require(_values.Header.ElementType, rows, rows * (long)Section.Width(_values.Header.ElementType));
    }

    public long Value(int row) => _values.Header.ElementType switch
    {
        ElementType.Int8 => ((sbyte*)_values.Payload)[row],
        ElementType.Int16 => ((short*)_values.Payload)[row],
        ElementType.Int32 => ((int*)_values.Payload)[row],
        _ => ((long*)_values.Payload)[row],
    };

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Integer(Value(row));

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(Value(row));
}

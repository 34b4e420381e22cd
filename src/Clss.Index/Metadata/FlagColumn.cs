using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Flags, one bit a row.</summary>
internal sealed class FlagColumn : Column
{
    private readonly Section _values;

    public FlagColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        _values = file.Get(SectionKind.Flags, item);
        _values.Require(ElementType.Bits, rows, (rows + 7L) / 8);
    }

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Flag(_values.Bit(row));

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(_values.Bit(row));
}

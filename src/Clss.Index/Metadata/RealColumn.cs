using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Reals as float64.</summary>
internal sealed unsafe class RealColumn : Column
{
    private readonly Section _values;

    public RealColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        _values = file.Get(SectionKind.Reals, item);
        _values.Require(ElementType.Float64, rows, rows * (long)sizeof(double));
    }

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Real(((double*)_values.Payload)[row]);

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(((double*)_values.Payload)[row]);
}

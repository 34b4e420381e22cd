using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Texts that rarely repeat, end to end.</summary>
internal sealed class PlainTextColumn : Column
{
    private readonly TextArray _texts;

    public PlainTextColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        Section offsets = file.Get(SectionKind.TextOffsets, item);
        offsets.RequireUnsigned(rows + 1L);
        _texts = new TextArray(offsets, file.Get(SectionKind.Text, item));
    }

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Text(_texts.Text(row));

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(_texts.Utf8(row));
}

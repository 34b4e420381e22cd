using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Texts that repeat: each distinct one once, and its number for every row.</summary>
internal sealed class CodedTextColumn : Column
{
    private readonly Section _codes;
    private readonly TextArray _dictionary;

    public CodedTextColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        _codes = file.Get(SectionKind.RowCodes, item);
        _codes.RequireUnsigned(rows);
        _dictionary = new TextArray(file.Get(SectionKind.DictionaryOffsets, item), file.Get(SectionKind.DictionaryText, item));
    }

    public ReadOnlySpan<byte> Utf8(int row) => _dictionary.Utf8(_codes.Unsigned(row));

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Text(_dictionary.Text(_codes.Unsigned(row)));

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(Utf8(row));
}

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

    /// <summary>Tests every distinct text once, then looks up the outcome for each row.</summary>
    public override void Select(ValueTest test, ulong[] rows)
    {
        bool[] accepted = _dictionary.Accepted(test);
        for (int row = 0; row < Rows; row++)
        {
            if (IsMissing(row) ? test.AcceptsMissing : _dictionary.Lookup(accepted, _codes.Unsigned(row)))
            {
                rows[row >> 6] |= 1UL << row;
            }
        }
    }

    protected override MetadataValue ReadPresent(int row) => MetadataValue.Text(_dictionary.Text(_codes.Unsigned(row)));

    protected override bool Accepts(ValueTest test, int row) => test.Accepts(_dictionary.Utf8(_codes.Unsigned(row)));
}

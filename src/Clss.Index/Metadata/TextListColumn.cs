using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Lists of texts: each distinct text once, and a list of their numbers for every row.</summary>
internal sealed class TextListColumn : Column
{
    private readonly Section _offsets;
    private readonly Section _codes;
    private readonly TextArray _dictionary;

    public TextListColumn(SectionFile file, int item, int rows)
        : base(file, item, rows)
    {
        _offsets = file.Get(SectionKind.ListOffsets, item);
        _offsets.RequireUnsigned(rows + 1L);
        _codes = file.Get(SectionKind.ListCodes, item);
        _codes.RequireUnsigned(_codes.Header.Count);
        _dictionary = new TextArray(file.Get(SectionKind.DictionaryOffsets, item), file.Get(SectionKind.DictionaryText, item));
    }

    /// <summary>Texts in the row's list.</summary>
    public int Length(int row)
    {
        (long start, long end) = Range(row);
        return (int)(end - start);
    }

    public ReadOnlySpan<byte> Utf8(int row, int index) => _dictionary.Utf8(_codes.Unsigned(Range(row).Start + index));

    protected override MetadataValue ReadPresent(int row)
    {
        (long start, long end) = Range(row);
        var texts = new string[end - start];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = _dictionary.Text(_codes.Unsigned(start + i));
        }

        return MetadataValue.TextList(texts);
    }

    protected override bool Accepts(ValueTest test, int row)
    {
        (long start, long end) = Range(row);
        for (long i = start; i < end; i++)
        {
            if (test.Accepts(_dictionary.Utf8(_codes.Unsigned(i))))
            {
                return true;
            }
        }

        return false;
    }

    private (long Start, long End) Range(int row)
    {
        long start = _offsets.Unsigned(row);
        long end = _offsets.Unsigned(row + 1L);
        bool valid = start >= 0 && end >= start && end <= _codes.Header.Count && end - start <= int.MaxValue;
        return valid ? (start, end) : throw _offsets.Corrupt($"The list of row {row}, {start} to {end}, lies outside the {_codes.Header.Count} codes.");
    }
}

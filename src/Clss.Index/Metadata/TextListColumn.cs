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

    /// <summary>Tests every distinct text once, then looks up the outcomes for each row's list.</summary>
    public override void Select(ValueTest test, ulong[] rows)
    {
        bool[] accepted = _dictionary.Accepted(test);
        for (int row = 0; row < Rows; row++)
        {
            if (IsMissing(row) ? test.AcceptsMissing : AnyAccepted(accepted, row))
            {
                rows[row >> 6] |= 1UL << row;
            }
        }
    }

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

    private bool AnyAccepted(bool[] accepted, int row)
    {
        (long start, long end) = Range(row);
        for (long i = start; i < end; i++)
        {
            if (_dictionary.Lookup(accepted, _codes.Unsigned(i)))
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

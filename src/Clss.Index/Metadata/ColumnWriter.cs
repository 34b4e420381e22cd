using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Writes the sections of one column: presence where a row has no value, then the values in the most compact of their forms.</summary>
internal sealed class ColumnWriter
{
    // Beyond this many distinct texts, and more than half of the rows distinct, a dictionary costs more than it saves.
    private const int DictionaryTrial = 1 << 12;

    private readonly SectionWriter _writer;
    private readonly int _item;
    private readonly RowValues _values;
    private readonly byte[] _buffer = new byte[1 << 14];

    private ColumnWriter(SectionWriter writer, int item, RowValues values)
    {
        _writer = writer;
        _item = item;
        _values = values;
    }

    public static void Write(SectionWriter writer, int item, ColumnType type, RowValues values)
    {
        var column = new ColumnWriter(writer, item, values);
        if (!column.WritePresence())
        {
            return;
        }

        switch (type)
        {
            case ColumnType.Integer:
                column.WriteIntegers();
                break;
            case ColumnType.Real:
                column.WriteReals();
                break;
            case ColumnType.Flag:
                column.WriteBits(SectionKind.Flags, row => !values[row].IsMissing && values[row].AsFlag());
                break;
            case ColumnType.Text:
                column.WriteTexts();
                break;
            default:
                column.WriteLists();
                break;
        }
    }

    /// <summary>Returns false where no row has a value: the column then has no sections at all.</summary>
    private bool WritePresence()
    {
        int present = 0;
        for (int row = 0; row < _values.Count; row++)
        {
            present += _values[row].IsMissing ? 0 : 1;
        }

        if (present > 0 && present < _values.Count)
        {
            WriteBits(SectionKind.Presence, row => !_values[row].IsMissing);
        }

        return present > 0;
    }

    private void WriteBits(SectionKind kind, Func<int, bool> bit)
    {
        _writer.Begin(kind, ElementType.Bits, _values.Count, _item);
        for (int row = 0; row < _values.Count; row += 8)
        {
            int bits = 0;
            for (int i = 0; i < 8 && row + i < _values.Count; i++)
            {
                bits |= bit(row + i) ? 1 << i : 0;
            }

            _writer.Write((byte)bits);
        }

        _writer.End();
    }

    private void WriteIntegers()
    {
        long low = 0;
        long high = 0;
        for (int row = 0; row < _values.Count; row++)
        {
            long value = Integer(row);
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        ElementType type = ElementType.Int64;
        if (low >= sbyte.MinValue && high <= sbyte.MaxValue)
        {
            type = ElementType.Int8;
        }
        else if (low >= short.MinValue && high <= short.MaxValue)
        {
            type = ElementType.Int16;
        }
        else if (low >= int.MinValue && high <= int.MaxValue)
        {
            type = ElementType.Int32;
        }

        _writer.Begin(SectionKind.Integers, type, _values.Count, _item);
        for (int row = 0; row < _values.Count; row++)
        {
            // The low bytes of the two's complement are the number in the narrower type.
            _writer.WriteUnsigned((ElementType)(type - ElementType.Int8 + ElementType.UInt8), Integer(row));
        }

        _writer.End();
    }

    private long Integer(int row)
    {
        MetadataValue value = _values[row];
        return value.IsMissing ? 0 : value.AsInteger();
    }

    private void WriteReals()
    {
        _writer.Begin(SectionKind.Reals, ElementType.Float64, _values.Count, _item);
        for (int row = 0; row < _values.Count; row++)
        {
            MetadataValue value = _values[row];
            _writer.Write(value.IsMissing ? 0.0 : value.AsReal());
        }

        _writer.End();
    }

    private ReadOnlySpan<byte> TextUtf8(int row)
    {
        MetadataValue value = _values[row];
        return value.IsMissing ? default : TextEncoding.Encode(value.AsText(), _buffer);
    }

    private void WriteTexts()
    {
        Utf8Dictionary? dictionary = TryDictionary();
        if (dictionary is null)
        {
            WriteTexts(_writer, SectionKind.TextOffsets, SectionKind.Text, _values.Count, _item, TextUtf8);
            return;
        }

        ElementType type = Section.NarrowestUnsigned(dictionary.Count);
        _writer.Begin(SectionKind.RowCodes, type, _values.Count, _item);
        for (int row = 0; row < _values.Count; row++)
        {
            // A missing row takes code 0; its presence bit is what counts.
            _writer.WriteUnsigned(type, _values[row].IsMissing ? 0 : dictionary.Find(TextUtf8(row)));
        }

        _writer.End();
        WriteTexts(_writer, SectionKind.DictionaryOffsets, SectionKind.DictionaryText, dictionary.Count, _item, code => dictionary[code]);
    }

    private Utf8Dictionary? TryDictionary()
    {
        var dictionary = new Utf8Dictionary();
        int seen = 0;
        for (int row = 0; row < _values.Count; row++)
        {
            if (_values[row].IsMissing)
            {
                continue;
            }

            seen++;
            dictionary.Add(TextUtf8(row));
            bool oftenNew = dictionary.Count > seen / 2;
            if ((dictionary.Count >= DictionaryTrial && oftenNew) || dictionary.TotalBytes > Array.MaxLength / 2)
            {
                return null;
            }
        }

        return dictionary.Count > seen / 2 ? null : dictionary;
    }

    private void WriteLists()
    {
        var dictionary = new Utf8Dictionary();
        long total = 0;
        for (int row = 0; row < _values.Count; row++)
        {
            foreach (string text in List(row))
            {
                dictionary.Add(TextEncoding.Encode(text, _buffer));
                total++;
            }
        }

        ElementType offsetType = Section.NarrowestUnsigned(total);
        _writer.Begin(SectionKind.ListOffsets, offsetType, _values.Count + 1L, _item);
        long offset = 0;
        _writer.WriteUnsigned(offsetType, offset);
        for (int row = 0; row < _values.Count; row++)
        {
            offset += List(row).Count;
            _writer.WriteUnsigned(offsetType, offset);
        }

        _writer.End();
        ElementType codeType = Section.NarrowestUnsigned(dictionary.Count);
        _writer.Begin(SectionKind.ListCodes, codeType, total, _item);
        for (int row = 0; row < _values.Count; row++)
        {
            foreach (string text in List(row))
            {
                _writer.WriteUnsigned(codeType, dictionary.Find(TextEncoding.Encode(text, _buffer)));
            }
        }

        _writer.End();
        WriteTexts(_writer, SectionKind.DictionaryOffsets, SectionKind.DictionaryText, dictionary.Count, _item, code => dictionary[code]);
    }

    private IReadOnlyList<string> List(int row)
    {
        MetadataValue value = _values[row];
        return value.IsMissing ? [] : value.AsTextList();
    }

    /// <summary>Gives the UTF-8 of the text at an index.</summary>
    internal delegate ReadOnlySpan<byte> Utf8Source(int index);

    /// <summary>Writes an array of texts: a section of offsets and a section of bytes.</summary>
    public static void WriteTexts(SectionWriter writer, SectionKind offsets, SectionKind text, int count, int item, Utf8Source source)
    {
        long total = 0;
        for (int i = 0; i < count; i++)
        {
            total += source(i).Length;
        }

        ElementType type = Section.NarrowestUnsigned(total);
        writer.Begin(offsets, type, count + 1L, item);
        long offset = 0;
        writer.WriteUnsigned(type, offset);
        for (int i = 0; i < count; i++)
        {
            offset += source(i).Length;
            writer.WriteUnsigned(type, offset);
        }

        writer.End();
        writer.Begin(text, ElementType.Bytes, total, item);
        for (int i = 0; i < count; i++)
        {
            writer.Write(source(i));
        }

        writer.End();
    }
}

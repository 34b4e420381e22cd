using System.Globalization;
using System.Text;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>One column as it lies in the file.</summary>
internal sealed class BinaryColumn
{
    // mask values: 0 present, 1 not applicable (.), 2 unknown (?)
    private const int Present = 0;

    private (int Start, int Length) _data;
    private ColumnEncoding[] _encoding = [];
    private (int Start, int Length) _mask;
    private ColumnEncoding[] _maskEncoding = [];

    public string Name { get; private set; } = "";

    public static BinaryColumn Read(ref MessagePackReader reader, string source)
    {
        var column = new BinaryColumn();
        int pairs = reader.ReadMap();
        for (int i = 0; i < pairs; i++)
        {
            switch (reader.ReadString())
            {
                case "name":
                    column.Name = reader.ReadString();
                    break;
                case "data":
                    (column._data, column._encoding) = ReadData(ref reader, source);
                    break;
                case "mask":
                    if (!reader.TryReadNil())
                    {
                        (column._mask, column._maskEncoding) = ReadData(ref reader, source);
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return column;
    }

    /// <summary>Unpacks a column of any type as text.</summary>
    public TextColumn DecodeText(ReadOnlySpan<byte> file, string source, string category, int rows)
    {
        var decoder = new ColumnDecoder(file, source, $"{category}.{Name}");
        ReadOnlySpan<byte> data = file.Slice(_data.Start, _data.Length);
        byte[][] strings;
        int[] indices;
        if (_encoding is [{ Kind: "StringArray" } step])
        {
            (strings, indices) = decoder.DecodeStrings(data, step, rows);
        }
        else
        {
            float[] numbers = decoder.DecodeReals(data, _encoding, rows);
            strings = [.. numbers.Select(number => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)))];
            indices = [.. Enumerable.Range(0, numbers.Length)];
        }

        CheckRows(decoder, indices.Length, rows);
        foreach ((int row, int mask) in Masked(decoder, file, rows))
        {
            indices[row] = mask == Present ? indices[row] : TextColumn.Missing;
        }

        return new TextColumn(strings, indices);
    }

    /// <summary>Unpacks a column of floating-point numbers; missing ones become the given value.</summary>
    public float[] DecodeReals(ReadOnlySpan<byte> file, string source, string category, int rows, float missing)
    {
        var decoder = new ColumnDecoder(file, source, $"{category}.{Name}");
        float[] values;
        if (_encoding is [{ Kind: "StringArray" }])
        {
            TextColumn text = DecodeText(file, source, category, rows);
            values = new float[rows];
            for (int row = 0; row < rows; row++)
            {
                values[row] = text[row].IsEmpty ? missing
                    : DecimalText.TryParse(text[row], out float value) ? value
                    : throw decoder.Bad($"has text in row {row + 1} that is no number");
            }

            return values;
        }

        values = decoder.DecodeReals(file.Slice(_data.Start, _data.Length), _encoding, rows);
        CheckRows(decoder, values.Length, rows);
        foreach ((int row, int mask) in Masked(decoder, file, rows))
        {
            values[row] = mask == Present ? values[row] : missing;
        }

        return values;
    }

    /// <summary>Unpacks a column of whole numbers; missing ones become the given value.</summary>
    public int[] DecodeIntegers(ReadOnlySpan<byte> file, string source, string category, int rows, int missing)
    {
        var decoder = new ColumnDecoder(file, source, $"{category}.{Name}");
        int[] values;
        if (_encoding is [{ Kind: "StringArray" }])
        {
            TextColumn text = DecodeText(file, source, category, rows);
            values = new int[rows];
            for (int row = 0; row < rows; row++)
            {
                values[row] = text[row].IsEmpty ? missing
                    : DecimalText.TryParse(text[row], out int value) ? value
                    : throw decoder.Bad($"has text in row {row + 1} that is no whole number");
            }

            return values;
        }

        values = decoder.DecodeIntegers(file.Slice(_data.Start, _data.Length), _encoding, rows);
        CheckRows(decoder, values.Length, rows);
        foreach ((int row, int mask) in Masked(decoder, file, rows))
        {
            values[row] = mask == Present ? values[row] : missing;
        }

        return values;
    }

    private static ((int Start, int Length) Data, ColumnEncoding[] Encoding) ReadData(ref MessagePackReader reader, string source)
    {
        (int Start, int Length) data = default;
        ColumnEncoding[] encoding = [];
        int pairs = reader.ReadMap();
        for (int i = 0; i < pairs; i++)
        {
            switch (reader.ReadString())
            {
                case "data":
                    ReadOnlySpan<byte> bytes = reader.ReadBinary();
                    data = (reader.Position - bytes.Length, bytes.Length);
                    break;
                case "encoding":
                    encoding = EncodingReader.Read(ref reader, source);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (data, encoding);
    }

    private static void CheckRows(in ColumnDecoder decoder, int found, int rows)
    {
        if (found != rows)
        {
            throw decoder.Bad($"has {found} values for {rows} rows");
        }
    }

    private IEnumerable<(int Row, int Mask)> Masked(in ColumnDecoder decoder, ReadOnlySpan<byte> file, int rows)
    {
        if (_maskEncoding.Length == 0)
        {
            return [];
        }

        int[] mask = decoder.DecodeIntegers(file.Slice(_mask.Start, _mask.Length), _maskEncoding, rows);
        CheckRows(decoder, mask.Length, rows);
        return mask.Select((value, row) => (row, value));
    }
}

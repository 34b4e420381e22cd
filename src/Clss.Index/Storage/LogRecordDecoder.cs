using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>Applies the body of a log record to the rows of a collection. The body is untrusted.</summary>
internal ref struct LogRecordDecoder
{
    private readonly string _file;
    private readonly long _offset;
    private ReadOnlySpan<byte> _rest;

    public LogRecordDecoder(string file, long offset, ReadOnlySpan<byte> body)
    {
        _file = file;
        _offset = offset;
        _rest = body;
    }

    public void Apply(RowSet rows)
    {
        var type = (LogRecordType)TakeByte();
        switch (type)
        {
            case LogRecordType.Upsert:
                ApplyUpsert(rows);
                break;
            case LogRecordType.Delete:
                int partition = rows.PartitionId(TakeText());
                int ordinal = partition < 0 ? -1 : rows.Find(TakeText(), partition);
                if (ordinal < 0)
                {
                    throw Corrupt("It removes a row that does not exist.");
                }

                rows.Remove(ordinal);
                break;
            case LogRecordType.AddColumns:
                ApplyAddColumns(rows);
                break;
            case LogRecordType.Commit:
                Take(sizeof(long));
                break;
            default:
                throw Corrupt($"Its type {(byte)type} is unknown.");
        }

        if (!_rest.IsEmpty)
        {
            throw Corrupt($"{_rest.Length} bytes follow its content.");
        }
    }

    private void ApplyUpsert(RowSet rows)
    {
        string partition = TakeText();
        string key = TakeText();
        ReadOnlySpan<byte> vector = Take(rows.Base.Schema.Dimension * sizeof(float));
        var aligned = new float[rows.Base.Schema.Dimension];
        vector.CopyTo(MemoryMarshal.AsBytes(aligned.AsSpan()));
        if (rows.Base.Schema.Storage == VectorStorage.Int16 && !FixedPoint.IsRounded(aligned))
        {
            // The next merge would round it, and results would change.
            throw Corrupt("The vector is not rounded to 16-bit fixed point.");
        }

        int count = TakeInt();
        var metadata = new MetadataValue[rows.Columns.Count];
        int previous = -1;
        for (int i = 0; i < count; i++)
        {
            int column = TakeInt();
            if (column <= previous || column >= metadata.Length)
            {
                throw Corrupt($"Column {column} does not exist, or the columns are not in order.");
            }

            previous = column;
            metadata[column] = TakeValue();
            if ((int)metadata[column].Kind != (int)rows.Columns[column].Type)
            {
                throw Corrupt($"Column {column} is {rows.Columns[column].Type}, its value {metadata[column].Kind}.");
            }
        }

        rows.Upsert(partition, key, aligned, metadata);
    }

    private void ApplyAddColumns(RowSet rows)
    {
        int count = TakeInt();
        var columns = new List<ColumnDefinition>();
        for (int i = 0; i < count; i++)
        {
            string name = TakeText();
            var type = (ColumnType)TakeByte();
            if (type is < ColumnType.Text or > ColumnType.TextList || rows.ColumnIndex(name) >= 0)
            {
                throw Corrupt($"Column \"{name}\" exists already or has the unknown type {(int)type}.");
            }

            columns.Add(new ColumnDefinition(name, type));
        }

        rows.AddColumns(columns);
    }

    private MetadataValue TakeValue()
    {
        var kind = (MetadataKind)TakeByte();
        switch (kind)
        {
            case MetadataKind.Text:
                return MetadataValue.Text(TakeText());
            case MetadataKind.Integer:
                return MetadataValue.Integer(BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long))));
            case MetadataKind.Real:
                return MetadataValue.Real(BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double))));
            case MetadataKind.Flag:
                return MetadataValue.Flag(TakeByte() != 0);
            case MetadataKind.TextList:
                int count = TakeInt();

                // Every text takes at least the four bytes of its length: a larger count is damage and must not be allocated.
                if (count < 0 || count > _rest.Length / sizeof(int))
                {
                    throw Corrupt($"A list of {count} texts does not fit into its {_rest.Length} bytes.");
                }

                var texts = new string[count];
                for (int i = 0; i < count; i++)
                {
                    texts[i] = TakeText();
                }

                return MetadataValue.TextList(texts);
            default:
                throw Corrupt($"The value kind {(int)kind} is unknown.");
        }
    }

    private string TakeText()
    {
        ReadOnlySpan<byte> utf8 = Take(TakeInt());
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (ArgumentException)
        {
            throw Corrupt("A text is not UTF-8.");
        }
    }

    private int TakeInt() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    private byte TakeByte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
        {
            throw Corrupt($"Expected {length} more bytes, found {_rest.Length}.");
        }

        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly CorruptCollectionException Corrupt(string problem) => new(_file, $"record at byte {_offset}", problem);
}

using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Metadata;

/// <summary>Checks what callers give before any of it is written.</summary>
internal static class EntryValidator
{
    private const int MaximumNameBytes = ushort.MaxValue;
    private const int MaximumTextBytes = 1 << 24;
    private const int RowOverheadBytes = 64;

    // A row is one record of the log, which is built in memory.
    private const long MaximumRowBytes = 1L << 28;

    /// <summary>The vector as it is stored and the values by column of an entry. Throws <see cref="ClssIndexException"/> where something is not valid.</summary>
    public static (float[] Vector, MetadataValue[] Metadata) Prepare(RowSet rows, VectorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (string.IsNullOrEmpty(entry.Key))
        {
            throw new ClssIndexException("An entry has no key. Every row needs one, unique in its partition.");
        }

        string subject = $"Entry \"{entry.Key}\"";
        RequireText(subject, "key", entry.Key, MaximumNameBytes);
        RequireText(subject, "partition", entry.Partition ?? throw new ClssIndexException($"{subject}: the partition is null."), MaximumNameBytes);
        int dimension = rows.Base.Schema.Dimension;
        if (entry.Vector.Length != dimension)
        {
            throw new ClssIndexException($"{subject}: the vector has {entry.Vector.Length} elements; the collection holds vectors of {dimension}.");
        }

        var vector = new float[dimension];
        UnitVector.Store(entry.Vector.Span, vector, rows.Base.Schema.Storage, subject);
        MetadataValue[] values = Values(rows, subject, entry.Metadata);

        // Text of n characters takes at most 3n bytes.
        return EstimateBytes(entry) * 3 <= MaximumRowBytes
            ? (vector, values)
            : throw new ClssIndexException($"{subject}: the row takes about {EstimateBytes(entry)} bytes; at most {MaximumRowBytes / 3} are kept. Store large texts elsewhere and keep a reference.");
    }

    /// <summary>Throws unless the columns can be added to those there are.</summary>
    public static void RequireNewColumns(IReadOnlyList<ColumnDefinition> existing, IReadOnlyList<ColumnDefinition> added)
    {
        var names = new HashSet<string>(existing.Select(column => column.Name), StringComparer.Ordinal);
        foreach (ColumnDefinition column in added)
        {
            if (string.IsNullOrEmpty(column.Name) || column.Name is FilterEvaluator.KeyColumn or FilterEvaluator.PartitionColumn)
            {
                throw new ClssIndexException($"A column cannot be named \"{column.Name}\". Names are not empty; \"key\" and \"partition\" stand for the identity of a row.");
            }

            RequireText($"Column \"{column.Name}\"", "name", column.Name, MaximumNameBytes);
            if (column.Type is < ColumnType.Text or > ColumnType.TextList)
            {
                throw new ClssIndexException($"Column \"{column.Name}\" has the unknown type {(int)column.Type}.");
            }

            if (!names.Add(column.Name))
            {
                throw new ClssIndexException($"Column \"{column.Name}\" exists already. Column names are unique.");
            }
        }
    }

    /// <summary>About how many bytes the entry takes in the log.</summary>
    public static long EstimateBytes(VectorEntry entry)
    {
        long bytes = RowOverheadBytes + entry.Key.Length + entry.Partition.Length + (entry.Vector.Length * (long)sizeof(float));
        foreach (MetadataValue value in entry.Metadata.Values)
        {
            bytes += sizeof(long) + value.Kind switch
            {
                MetadataKind.Text => value.AsText().Length,
                MetadataKind.TextList => value.AsTextList().Sum(text => (long)text.Length + sizeof(int)),
                _ => sizeof(long),
            };
        }

        return bytes;
    }

    private static MetadataValue[] Values(RowSet rows, string subject, IReadOnlyDictionary<string, MetadataValue> metadata)
    {
        if (metadata.Count == 0)
        {
            return [];
        }

        var values = new MetadataValue[rows.Columns.Count];
        foreach ((string name, MetadataValue value) in metadata)
        {
            int column = rows.ColumnIndex(name);
            if (column < 0)
            {
                string known = string.Join(", ", rows.Columns.Select(c => c.Name));
                throw new ClssIndexException($"{subject}: the collection has no column \"{name}\" (it has: {known}). Add it with AddColumns.");
            }

            // The kinds of values and the types of columns share their numbers.
            if (!value.IsMissing && (int)value.Kind != (int)rows.Columns[column].Type)
            {
                throw new ClssIndexException($"{subject}: column \"{name}\" is {rows.Columns[column].Type}; the value \"{value}\" is {value.Kind}.");
            }

            RequireValue(subject, name, value);
            values[column] = value;
        }

        return values;
    }

    private static void RequireValue(string subject, string column, MetadataValue value)
    {
        switch (value.Kind)
        {
            case MetadataKind.Text:
                RequireText(subject, column, value.AsText(), MaximumTextBytes);
                break;
            case MetadataKind.TextList:
                long total = 0;
                foreach (string text in value.AsTextList())
                {
                    total += RequireText(subject, column, text, MaximumTextBytes) + sizeof(int);
                }

                if (total > MaximumTextBytes)
                {
                    throw new ClssIndexException($"{subject}: the list in \"{column}\" takes {total} bytes; at most {MaximumTextBytes} are kept.");
                }

                break;
        }
    }

    private static int RequireText(string subject, string what, string? text, int maximum)
    {
        int bytes = TextEncoding.Length(text ?? throw new ClssIndexException($"{subject}: a text of \"{what}\" is null. Use MetadataValue.Missing for no value."));
        return bytes <= maximum ? bytes : throw new ClssIndexException($"{subject}: the {what} takes {bytes} bytes of UTF-8; at most {maximum} are kept.");
    }
}

using Clss.Index;

namespace Clss.Ingest.Formats.Tsv;

/// <summary>
/// A tab-separated table with a header line: the first column is the key, the others become typed columns. Types are inferred
/// from all rows (flag, integer, real, else text; an empty cell is missing), so the file is read twice. docs/formats/tables.md
/// has the rules.
/// </summary>
public sealed class MetadataTable
{
    /// <summary>The column that, when present, says to which partition a row belongs.</summary>
    public const string PartitionColumn = "partition";

    private readonly string _path;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<ColumnType> _types;

    private MetadataTable(string path, IReadOnlyList<string> names, IReadOnlyList<ColumnType> types, long rowCount)
    {
        _path = path;
        _names = names;
        _types = types;
        RowCount = rowCount;
        Columns = [.. names.Skip(1).Select((name, index) => new ColumnDefinition(name, types[index + 1])).Where(column => column.Name != PartitionColumn)];
    }

    /// <summary>The columns behind the key, without <see cref="PartitionColumn"/>.</summary>
    public IReadOnlyList<ColumnDefinition> Columns { get; }

    /// <summary>The number of rows below the header.</summary>
    public long RowCount { get; }

    /// <summary>Checks the whole table and infers the types of its columns.</summary>
    /// <exception cref="ClssIngestException">The file is missing, empty or no table, or two rows have the same key.</exception>
    public static MetadataTable Open(string path)
    {
        using var reader = new LineReader(Sources.InputStream.Open(path), path);
        string[] names = ReadHeader(reader, path);
        var inferences = new ColumnInference[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            inferences[i] = new ColumnInference();
        }

        var lines = new Dictionary<(string Partition, string Key), long>();
        int partitionColumn = Array.IndexOf(names, PartitionColumn, 1);
        while (reader.Next() is { } line)
        {
            string[] cells = Split(line, names.Length, path, reader.Line);
            if (cells[0].Length == 0)
            {
                throw new ClssIngestException($"{path}({reader.Line}): the key (column '{names[0]}') is empty.");
            }

            (string, string) identity = (partitionColumn < 0 ? "" : cells[partitionColumn], cells[0]);
            if (!lines.TryAdd(identity, reader.Line))
            {
                throw new ClssIngestException($"{path}({reader.Line}): the key '{cells[0]}' was already on line {lines[identity]}. Every row needs a key of its own.");
            }

            for (int i = 0; i < cells.Length; i++)
            {
                inferences[i].Add(cells[i]);
            }
        }

        return new MetadataTable(path, names, [.. inferences.Select(inference => inference.Type)], lines.Count);
    }

    /// <summary>Reads the rows, in file order.</summary>
    /// <exception cref="ClssIngestException">The file changed since it was opened.</exception>
    public IEnumerable<MetadataRow> ReadRows()
    {
        using var reader = new LineReader(Sources.InputStream.Open(_path), _path);
        if (!ReadHeader(reader, _path).SequenceEqual(_names))
        {
            throw new ClssIngestException($"{_path}: the table was changed while it was read.");
        }

        while (reader.Next() is { } line)
        {
            string[] cells = Split(line, _names.Count, _path, reader.Line);
            string partition = "";
            var metadata = new Dictionary<string, MetadataValue>(cells.Length, StringComparer.Ordinal);
            for (int i = 1; i < cells.Length; i++)
            {
                if (_names[i] == PartitionColumn)
                {
                    partition = cells[i];
                }
                else if (cells[i].Length > 0)
                {
                    metadata[_names[i]] = ColumnInference.Convert(cells[i], _types[i]);
                }
            }

            yield return new MetadataRow(cells[0], partition, metadata, reader.Line);
        }
    }

    private static string[] ReadHeader(LineReader reader, string path)
    {
        string header = reader.Next() ?? throw new ClssIngestException($"{path}: the table is empty. Expected a header line with the column names, the key first.");
        string[] names = header.Split('\t');
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].Length == 0)
            {
                throw new ClssIngestException($"{path}(1): column {i + 1} has no name.");
            }

            if (!seen.Add(names[i]))
            {
                throw new ClssIngestException($"{path}(1): the column '{names[i]}' is named twice.");
            }

            if (i > 0 && names[i] == "key")
            {
                throw new ClssIngestException($"{path}(1): the column 'key' must be the first.");
            }
        }

        return names;
    }

    private static string[] Split(string line, int columns, string path, long number)
    {
        string[] cells = line.Split('\t');
        return cells.Length == columns
            ? cells
            : throw new ClssIngestException($"{path}({number}): {cells.Length} cells, but the header names {columns} columns. Cells are separated by tabs.");
    }
}

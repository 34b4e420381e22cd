namespace Clss.Ingest.Formats.MmCif;

/// <summary>One small category of a data block: rows of text by column name, in lower case without the category. Missing values are null.</summary>
internal sealed class CifTable
{
    private readonly Dictionary<string, List<string?>> _columns = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Number of rows: the length of the longest column.</summary>
    public int RowCount => _columns.Count == 0 ? 0 : _columns.Values.Max(column => column.Count);

    public bool Has(string column) => _columns.ContainsKey(column);

    public void Add(string column, string? value)
    {
        if (!_columns.TryGetValue(column, out List<string?>? values))
        {
            values = [];
            _columns.Add(column, values);
        }

        values.Add(value);
    }

    /// <summary>A value; null when it is missing or there is no such column or row.</summary>
    public string? this[string column, int row] =>
        _columns.TryGetValue(column, out List<string?>? values) && row < values.Count ? values[row] : null;
}

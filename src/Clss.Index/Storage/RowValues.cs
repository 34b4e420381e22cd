namespace Clss.Index.Storage;

/// <summary>The values of one column over rows in a given order.</summary>
internal sealed class RowValues
{
    private readonly RowReader _rows;
    private readonly int[] _order;
    private readonly int _column;

    public RowValues(RowReader rows, int[] order, int column)
    {
        _rows = rows;
        _order = order;
        _column = column;
    }

    public int Count => _order.Length;

    public MetadataValue this[int index] => _rows.Value(_order[index], _column);
}

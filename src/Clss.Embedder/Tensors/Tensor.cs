namespace Clss.Embedder.Tensors;

/// <summary>A matrix of floats [Rows, Columns] that lives with its backend.</summary>
public abstract class Tensor
{
    /// <summary>Creates the handle.</summary>
    protected Tensor(int rows, int columns)
    {
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Number of rows; one token to a row in activations.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>A window on the same memory.</summary>
    public abstract Tensor Slice(int rowStart, int rows, int columnStart, int columns);

    /// <summary>Some rows, all columns, of the same memory.</summary>
    public Tensor SliceRows(int start, int rows) => Slice(start, rows, 0, Columns);

    /// <summary>All rows, some columns, of the same memory.</summary>
    public Tensor SliceColumns(int start, int columns) => Slice(0, Rows, start, columns);

    /// <summary>Fails on a window that does not lie inside the tensor.</summary>
    protected void RequireInside(int rowStart, int rows, int columnStart, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowStart);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columnStart);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Rows - rowStart);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, Columns - columnStart);
    }
}

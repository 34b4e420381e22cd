using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

/// <summary>A window on rows of doubles.</summary>
internal sealed class ReferenceTensor : Tensor
{
    private readonly double[] _values;
    private readonly int _start;
    private readonly int _stride;

    public ReferenceTensor(int rows, int columns)
        : this(new double[rows * columns], 0, columns, rows, columns)
    {
        Array.Fill(_values, double.NaN);
    }

    private ReferenceTensor(double[] values, int start, int stride, int rows, int columns)
        : base(rows, columns)
    {
        _values = values;
        _start = start;
        _stride = stride;
    }

    public double this[int row, int column]
    {
        get => _values[_start + (row * _stride) + column];
        set => _values[_start + (row * _stride) + column] = value;
    }

    public override Tensor Slice(int rowStart, int rows, int columnStart, int columns)
    {
        RequireInside(rowStart, rows, columnStart, columns);
        return new ReferenceTensor(_values, _start + (rowStart * _stride) + columnStart, _stride, rows, columns);
    }
}

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Rows of floats, <see cref="Stride"/> floats apart.</summary>
internal sealed unsafe class CpuTensor : Tensor
{
    private const int FloatsPerLine = TensorArena.Alignment / sizeof(float);

    public CpuTensor(CpuTensorBackend owner, float* start, nint stride, int rows, int columns)
        : base(rows, columns)
    {
        Owner = owner;
        Start = start;
        Stride = stride;
    }

    public CpuTensorBackend Owner { get; }

    public float* Start { get; }

    public nint Stride { get; }

    /// <summary>
    /// Rows begin on a cache line, and an odd number of lines apart: the rows of a tile then never fall into
    /// the same few sets of a cache, whatever the width of the network.
    /// </summary>
    public static int StrideOf(int columns) => (((columns + FloatsPerLine - 1) / FloatsPerLine) | 1) * FloatsPerLine;

    public override Tensor Slice(int rowStart, int rows, int columnStart, int columns)
    {
        RequireInside(rowStart, rows, columnStart, columns);
        return new CpuTensor(Owner, Start + (rowStart * Stride) + columnStart, Stride, rows, columns);
    }
}

using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark;

/// <summary>The 8-bit codes of all rows in memory on large pages.</summary>
internal sealed unsafe class CodedRows : IDisposable
{
    private readonly NativeArena _arena;
    private readonly int _rows;
    private readonly int _stride;

    public CodedRows(int rows, int stride)
    {
        _rows = rows;
        _stride = stride;
        long padded = VectorLayout.PaddedRows(rows);
        _arena = new NativeArena((padded * stride) + (padded / VectorLayout.CodeBlockRows * 2 * sizeof(float)));
        Codes = _arena.Pointer;
        Scales = (float*)(Codes + (padded * stride));
    }

    public byte* Codes { get; }

    public float* Scales { get; }

    public long Bytes => _arena.Bytes;

    public void Encode(float* vectors, int threads)
    {
        int blocks = (int)(VectorLayout.PaddedRows(_rows) / VectorLayout.CodeBlockRows);
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
        {
            float* rows = stackalloc float[VectorLayout.CodeBlockRows * _stride];
            long first = (long)block * VectorLayout.CodeBlockRows;
            int count = (int)Math.Clamp(_rows - first, 0, VectorLayout.CodeBlockRows);
            new Span<float>(rows, VectorLayout.CodeBlockRows * _stride).Clear();
            new ReadOnlySpan<float>(vectors + (first * _stride), count * _stride).CopyTo(new Span<float>(rows, count * _stride));
            (Scales[2L * block], Scales[(2L * block) + 1]) = CodeQuantizer.Encode(rows, _stride, Codes + (first * _stride));
        });
    }

    public void Dispose() => _arena.Dispose();
}

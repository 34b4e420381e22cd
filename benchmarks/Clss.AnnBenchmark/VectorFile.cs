using System.IO.MemoryMappedFiles;
using Clss.Testing.SyntheticDomains;

namespace Clss.AnnBenchmark;

/// <summary>A file of little-endian float32 rows of 32, mapped into memory.</summary>
internal sealed unsafe class VectorFile : IDisposable
{
    public const int Dimension = SyntheticData.Dimension;

    private const int RowBytes = Dimension * sizeof(float);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly float* _rows;

    public VectorFile(string path)
    {
        long bytes = new FileInfo(path).Length;
        if (bytes == 0 || bytes % RowBytes != 0)
        {
            throw new UsageException($"{path}: expected rows of {RowBytes} bytes (32 float32); the file has {bytes} bytes");
        }

        Rows = bytes / RowBytes;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _rows = (float*)pointer;
    }

    public long Rows { get; }

    /// <summary>Some rows [count, 32].</summary>
    public ReadOnlySpan<float> Slice(long first, int count) => new(_rows + (first * Dimension), count * Dimension);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}

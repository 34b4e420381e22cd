using System.IO.MemoryMappedFiles;

namespace Clss.ScaleBenchmark;

/// <summary>A file of floats, mapped.</summary>
internal sealed unsafe class MappedVectors : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedVectors(string path, long bytes)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = (float*)pointer;
    }

    public float* Pointer { get; }

    public static MappedVectors Open(string path, long bytes) => new(path, bytes);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}

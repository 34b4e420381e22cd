using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Clss.Index.Storage;

/// <summary>A whole file mapped for reading. The only owner of mapped memory: nothing may point into it after <see cref="Dispose"/>.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private bool _disposed;

    private MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
    {
        _file = file;
        _view = view;
        Length = length;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + view.PointerOffset;
    }

    public byte* Pointer { get; }

    public long Length { get; }

    /// <summary>Maps the file, which must have exactly the length that the manifest states.</summary>
    public static MappedFile Open(string path, long expectedLength)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        MemoryMappedFile? file = null;
        try
        {
            long length = RandomAccess.GetLength(handle);
            if (length != expectedLength || length == 0)
            {
                throw new CorruptCollectionException(path, "length", $"Expected {expectedLength} bytes as in the manifest, found {length}.");
            }

            file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
        }
        catch
        {
            file?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}

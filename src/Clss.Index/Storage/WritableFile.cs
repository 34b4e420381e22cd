using Microsoft.Win32.SafeHandles;

namespace Clss.Index.Storage;

/// <summary>A file open for writing. Derived in the tests by one that fails on demand.</summary>
internal class WritableFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    public WritableFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>The length in bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Writes all bytes at the offset.</summary>
    public virtual void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_handle, bytes, offset);

    /// <summary>Cuts or extends the file.</summary>
    public virtual void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    /// <summary>Returns when what was written has reached the device.</summary>
    public virtual void Flush() => RandomAccess.FlushToDisk(_handle);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _handle.Dispose();
}

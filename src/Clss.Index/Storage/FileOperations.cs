using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Clss.Index.Storage;

/// <summary>Every operation by which a collection changes its folder. Derived in the tests by one that fails on demand.</summary>
internal partial class FileOperations
{
    /// <summary>Creates a file, or empties it where it exists.</summary>
    public virtual WritableFile Create(string path) =>
        new(File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    /// <summary>Opens an existing file for writing at given places.</summary>
    public virtual WritableFile OpenExisting(string path) =>
        new(File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    /// <summary>Renames a file over another in one step.</summary>
    public virtual void Replace(string source, string destination) => File.Move(source, destination, overwrite: true);

    /// <summary>Removes a file.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Makes created, renamed and removed names durable. Windows journals them by itself and offers no such call.</summary>
    public virtual void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenDirectory(path, 0);
        if (descriptor < 0)
        {
            throw new IOException($"{path}: the folder could not be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        int result = FlushDescriptor(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = CloseDescriptor(descriptor);
        if (result != 0 && error != InvalidArgument)
        {
            throw new IOException($"{path}: the folder could not be flushed (error {error}).");
        }
    }

    // EINVAL, the same number on Linux and macOS: the file system (some network and FUSE ones) has no flush for folders.
    private const int InvalidArgument = 22;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}

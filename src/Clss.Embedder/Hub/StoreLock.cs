namespace Clss.Embedder.Hub;

/// <summary>The right to install one name; the operating system takes it back when the process ends, however it ends.</summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _stream;

    private StoreLock(FileStream stream) => _stream = stream;

    public static StoreLock Take(string path, string name)
    {
        try
        {
            return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (StorageErrors.IsInUse(exception))
        {
            throw new HubException(
                HubFailure.Locked, $"{path}: another process is installing '{name}'. Wait for it, or stop it; what it has downloaded is kept.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, path, "written");
        }
    }

    // The file stays: deleting it could take the lock of a process that has just opened it.
    public void Dispose() => _stream.Dispose();
}

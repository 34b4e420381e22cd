using System.Globalization;

namespace Clss.Index.Storage;

/// <summary>
/// The right to write a collection: the file LOCK, held open under a lock of the operating system, which the system itself releases when
/// the process ends in whatever way. WRITER beside it says for people who holds the lock; it decides nothing.
/// </summary>
internal sealed class WriterLock : IDisposable
{
    public const string LockName = "LOCK";
    public const string HolderName = "WRITER";

    private const int MaximumHolderBytes = 1024;

    // What the runtime reports for a lock held elsewhere: EWOULDBLOCK, or ERROR_SHARING_VIOLATION. Anything else, such as a full disk, is no lock.
    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _lock;
    private readonly string _holderPath;

    private WriterLock(FileStream lockFile, string holderPath)
    {
        _lock = lockFile;
        _holderPath = holderPath;
    }

    public static WriterLock Acquire(string directory)
    {
        string holderPath = Path.Combine(directory, HolderName);
        FileStream lockFile;
        try
        {
            lockFile = new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
        }
        catch (IOException e) when (e.HResult is WouldBlockOnLinux or WouldBlockOnMac or SharingViolation)
        {
            throw new CollectionLockedException(directory, ReadHolder(holderPath), e);
        }

        try
        {
            File.WriteAllText(
                holderPath,
                string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName} since {DateTime.UtcNow:u}\n"));
        }
        catch (IOException)
        {
            // A full disk must not stop a writer that may be about to free space; the lock itself is held.
        }

        return new WriterLock(lockFile, holderPath);
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_holderPath);
        }
        catch (IOException)
        {
            // Only a note for people; the next writer replaces it.
        }

        _lock.Dispose();
    }

    private static string ReadHolder(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<char> text = new char[MaximumHolderBytes];
            using var reader = new StreamReader(stream);
            string holder = new string(text[..reader.Read(text)]).Trim();
            return holder.Length > 0 ? holder : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}

namespace Clss.Embedder.Hub;

/// <summary>Errors of the disk under the store, in words.</summary>
internal static class StorageErrors
{
    // ENOSPC and EDQUOT as .NET hands them on outside Windows; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL on Windows.
    private const int NoSpace = 28;
    private const int QuotaLinux = 122;
    private const int QuotaMac = 69;
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int WouldBlock = 11;
    private const int WouldBlockMac = 35;

    public static bool IsDiskFull(Exception exception) =>
        exception is IOException
        && (exception.HResult is WindowsHandleDiskFull or WindowsDiskFull
            || (!OperatingSystem.IsWindows() && exception.HResult is NoSpace or QuotaLinux or QuotaMac));

    public static bool IsInUse(Exception exception) =>
        exception is IOException
        && (exception.HResult == WindowsSharing || (!OperatingSystem.IsWindows() && exception.HResult is WouldBlock or WouldBlockMac));

    /// <summary>The error for a path that could not be (written, read, …).</summary>
    public static HubException Translate(Exception exception, string path, string verb)
    {
        if (IsDiskFull(exception))
        {
            return new HubException(
                HubFailure.DiskFull,
                $"{path}: the disk is full. What has arrived is kept: free some space and run the same command again, " +
                "or set CLSS_HOME to a folder on another disk.",
                exception);
        }

        return IsInUse(exception)
            ? new HubException(HubFailure.Locked, $"{path}: another process is downloading this file. Wait for it, or stop it.", exception)
            : new HubException(
                HubFailure.Storage, $"{path}: can not be {verb} ({exception.Message}). Check the folder's permissions, or set CLSS_HOME to another one.", exception);
    }

    /// <summary>Does what changes the disk, with the error in words.</summary>
    public static void Attempt(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Translate(exception, path, "written");
        }
    }

    /// <summary>Refuses to begin what can not end: fewer free bytes than needed.</summary>
    public static void RequireFreeSpace(string directory, long neededBytes, string forWhat)
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(directory)).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A file system that does not tell: the write itself will.
            return;
        }

        if (neededBytes > free)
        {
            throw new HubException(
                HubFailure.DiskFull,
                $"{directory}: {forWhat} needs {ByteCount.Format(neededBytes)}, but only {ByteCount.Format(free)} are free. " +
                "Free some space, or set CLSS_HOME to a folder on another disk.");
        }
    }
}

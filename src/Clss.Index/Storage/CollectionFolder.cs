namespace Clss.Index.Storage;

/// <summary>A collection's folder: creates it, opens it for writing, and puts new generations in place.</summary>
internal sealed class CollectionFolder : IDisposable
{
    private readonly FileOperations _operations;
    private readonly WriterLock _lock;
    private LogWriter _log;
    private Manifest _manifest;

    private CollectionFolder(string directory, FileOperations operations, WriterLock writerLock, Manifest manifest, LogWriter log)
    {
        Directory = directory;
        _operations = operations;
        _lock = writerLock;
        _manifest = manifest;
        _log = log;
    }

    public string Directory { get; }

    /// <summary>Bytes of the generation and its log.</summary>
    public long Bytes => _manifest.RowsBytes + _log.Length;

    public long LogBytes => _log.Length;

    public long NextGeneration => _manifest.Generation + 1;

    /// <summary>True where changes were committed since the generation.</summary>
    public bool HasLog => _log.Length > LogReader.RecordsStart;

    /// <summary>Creates the folder of a collection without rows, and opens it for writing.</summary>
    public static (CollectionFolder Folder, RowSet Rows) Create(string directory, Schema schema, FileOperations operations)
    {
        CreateDurably(directory, operations);
        string? stranger = System.IO.Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).FirstOrDefault(name => !IsLeftover(name!));
        if (stranger is not null)
        {
            string reason = stranger == Manifest.FileName ? "already holds a collection" : $"is not empty (it holds \"{stranger}\")";
            throw new ClssIndexException($"{directory}: the folder {reason}. Choose another folder, or remove this one first.");
        }

        WriterLock writerLock = WriterLock.Acquire(directory);
        LogWriter? log = null;
        try
        {
            (Manifest manifest, log) = WriteFiles(directory, 1, operations, file => GenerationWriter.WriteEmpty(file, 1, schema));
            SwitchManifest(directory, manifest, operations);
            return (new CollectionFolder(directory, operations, writerLock, manifest, log), new RowSet(Generation.Open(directory, manifest)));
        }
        catch
        {
            log?.Dispose();
            writerLock.Dispose();
            throw;
        }
    }

    /// <summary>Opens the folder for writing: takes the lock, loads the last commit and removes what a crash left behind.</summary>
    public static (CollectionFolder Folder, RowSet Rows) OpenForWriting(string directory, FileOperations operations)
    {
        WriterLock writerLock = WriterLock.Acquire(directory);
        RowSet? rows = null;
        try
        {
            var manifest = Manifest.Read(directory);
            rows = new RowSet(Generation.Open(directory, manifest));
            string logPath = Path.Combine(directory, manifest.LogFile);
            LogWriter log;
            using (LogReader reader = LogReader.Open(logPath, manifest.Generation))
            {
                reader.Apply(rows);
                log = LogWriter.Open(operations, logPath, reader);
            }

            var folder = new CollectionFolder(directory, operations, writerLock, manifest, log);
            folder.RemoveLeftovers();
            return (folder, rows);
        }
        catch
        {
            rows?.Dispose();
            writerLock.Dispose();
            throw;
        }
    }

    /// <summary>Appends the changes to the log, durably.</summary>
    public void Commit(IEnumerable<LogChange> changes, RecentView recent) => _log.Commit(changes, recent);

    /// <summary>Writes a generation and its empty log beside the current one. May run in another thread than everything else.</summary>
    public PreparedGeneration Prepare(long generation, GenerationWriter rows)
    {
        (Manifest manifest, LogWriter log) = WriteFiles(Directory, generation, _operations, file => rows.Write(file, generation));
        try
        {
            return new PreparedGeneration(manifest, log, new RowSet(Generation.Open(Directory, manifest)));
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Makes a prepared generation the current one.</summary>
    public void Activate(PreparedGeneration next)
    {
        SwitchManifest(Directory, next.Manifest, _operations);
        _log.Dispose();
        _log = next.Log;
        _manifest = next.Manifest;
        RemoveLeftovers();
    }

    /// <summary>Whether the manifest on disk is still that of the current generation: after a failed <see cref="Activate"/> it may be that of the next.</summary>
    public bool IsCurrentOnDisk()
    {
        try
        {
            return Manifest.Read(Directory) == _manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClssIndexException)
        {
            return false;
        }
    }

    /// <summary>Closes and removes what was prepared of a generation. What cannot be removed is removed by the next writer.</summary>
    public void Discard(long generation, PreparedGeneration? prepared)
    {
        prepared?.Close();
        foreach (string name in (string[])[Manifest.RowsName(generation), Manifest.LogName(generation), Manifest.TemporaryName])
        {
            string path = Path.Combine(Directory, name);
            if (File.Exists(path))
            {
                Remove(path);
            }
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        _lock.Dispose();
    }

    /// <summary>Creates the folder and those above it, and flushes the folders that hold the new names: without that, a commit could be lost with its folder.</summary>
    private static void CreateDurably(string directory, FileOperations operations)
    {
        var parents = new List<string>();
        for (DirectoryInfo folder = new(Path.GetFullPath(directory)); !folder.Exists && folder.Parent is not null; folder = folder.Parent)
        {
            parents.Add(folder.Parent.FullName);
        }

        System.IO.Directory.CreateDirectory(directory);
        foreach (string parent in parents)
        {
            operations.FlushDirectory(parent);
        }
    }

    // The order that makes a crash harmless: both files of the generation and their names are on the device before the manifest that names them
    // is; the manifest is complete under another name before it takes the place of the old one.
    private static (Manifest Manifest, LogWriter Log) WriteFiles(string directory, long generation, FileOperations operations, Func<WritableFile, long> write)
    {
        string rowsName = Manifest.RowsName(generation);
        string logName = Manifest.LogName(generation);
        long bytes;
        using (WritableFile file = operations.Create(Path.Combine(directory, rowsName)))
        {
            bytes = write(file);
            file.Flush();
        }

        LogWriter log = LogWriter.Create(operations, Path.Combine(directory, logName), generation);
        try
        {
            operations.FlushDirectory(directory);
            return (new Manifest(generation, rowsName, bytes, logName), log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private static void SwitchManifest(string directory, Manifest manifest, FileOperations operations)
    {
        string temporary = Path.Combine(directory, Manifest.TemporaryName);
        using (WritableFile file = operations.Create(temporary))
        {
            file.Write(manifest.Encode(), 0);
            file.Flush();
        }

        operations.Replace(temporary, Path.Combine(directory, Manifest.FileName));
        operations.FlushDirectory(directory);
    }

    /// <summary>
    /// Removes files of other generations. Readers that have them open keep them: on Unix until they close, and on Windows the removal fails and is tried
    /// again with the next generation or opening.
    /// </summary>
    private void RemoveLeftovers()
    {
        foreach (string path in System.IO.Directory.EnumerateFiles(Directory))
        {
            string name = Path.GetFileName(path);
            if (IsLeftover(name) && name != _manifest.RowsFile && name != _manifest.LogFile && name is not (WriterLock.LockName or WriterLock.HolderName))
            {
                Remove(path);
            }
        }
    }

    private void Remove(string path)
    {
        try
        {
            _operations.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Costs space, nothing else.
        }
    }

    /// <summary>True for names that a collection uses, other than the manifest: what an interrupted creation or compaction leaves.</summary>
    private static bool IsLeftover(string name) =>
        name is WriterLock.LockName or WriterLock.HolderName or Manifest.TemporaryName || IsNumbered(name, "rows-") || IsNumbered(name, "log-");

    private static bool IsNumbered(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && name.EndsWith(".clss", StringComparison.Ordinal)
        && name.AsSpan(prefix.Length, Math.Max(0, name.Length - prefix.Length - 5)).IndexOfAnyExceptInRange('0', '9') < 0;
}

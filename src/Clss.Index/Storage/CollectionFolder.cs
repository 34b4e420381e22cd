namespace Clss.Index.Storage;

/// <summary>A collection's folder: creates it, loads what is committed, and puts new generations in place.</summary>
internal sealed class CollectionFolder : IDisposable
{
    // A reader that finds its generation replaced looks again; each attempt would need another compaction in between.
    private const int LoadAttempts = 20;

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
            (Manifest manifest, log) = WriteGeneration(directory, 1, operations, file => GenerationWriter.WriteEmpty(file, 1, schema));
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

    /// <summary>Loads the last commit for reading; the bytes on disk come with it.</summary>
    public static (RowSet Rows, long Bytes) Load(string directory)
    {
        for (int attempt = 1; ; attempt++)
        {
            var manifest = Manifest.Read(directory);
            RowSet? rows = null;
            try
            {
                rows = new RowSet(Generation.Open(directory, manifest));
                using LogReader reader = LogReader.Open(Path.Combine(directory, manifest.LogFile), manifest.Generation);
                reader.Apply(rows);
                return (rows, manifest.RowsBytes + reader.Committed.Length);
            }
            catch (FileNotFoundException) when (attempt < LoadAttempts && Manifest.Read(directory) != manifest)
            {
                // The writer compacted between the reading of the manifest and that of the files it names.
                rows?.Dispose();
            }
            catch
            {
                rows?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Appends the changes to the log, durably.</summary>
    public void Commit(IEnumerable<LogChange> changes, RowSet rows) => _log.Commit(changes, rows);

    /// <summary>Writes the rows as a new generation, makes it the current one, and opens it.</summary>
    public RowSet WriteGeneration(RowSet rows)
    {
        long next = _manifest.Generation + 1;
        (Manifest manifest, LogWriter log) = WriteGeneration(Directory, next, _operations, file => GenerationWriter.Write(file, next, rows));
        _log.Dispose();
        _log = log;
        _manifest = manifest;
        var reopened = new RowSet(Generation.Open(Directory, manifest));
        RemoveLeftovers();
        return reopened;
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

    /// <summary>
    /// The order that makes a crash harmless: both files of the generation and their names are on the device before the manifest that names them
    /// is; the manifest is complete under another name before it takes the place of the old one.
    /// </summary>
    private static (Manifest Manifest, LogWriter Log) WriteGeneration(string directory, long generation, FileOperations operations, Func<WritableFile, long> write)
    {
        string rowsName = Manifest.RowsName(generation);
        string logName = Manifest.LogName(generation);
        long bytes;
        using (WritableFile file = operations.Create(Path.Combine(directory, rowsName)))
        {
            bytes = write(file);
            file.Flush();
        }

        var manifest = new Manifest(generation, rowsName, bytes, logName);
        LogWriter log = LogWriter.Create(operations, Path.Combine(directory, logName), generation);
        try
        {
            operations.FlushDirectory(directory);
            string temporary = Path.Combine(directory, Manifest.TemporaryName);
            using (WritableFile file = operations.Create(temporary))
            {
                file.Write(manifest.Encode(), 0);
                file.Flush();
            }

            operations.Replace(temporary, Path.Combine(directory, Manifest.FileName));
            operations.FlushDirectory(directory);
            return (manifest, log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
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
                try
                {
                    _operations.Delete(path);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Costs space, nothing else.
                }
            }
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

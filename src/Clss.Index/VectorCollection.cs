using Clss.Index.Flat;
using Clss.Index.Metadata;
using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index;

/// <summary>
/// Unit vectors with keys and typed metadata in a folder, searched by cosine similarity. Changes are seen at once by the object that makes them
/// and by others that open the collection after <see cref="Commit"/>; a reader keeps the state it opened. Members may be called from several threads.
/// </summary>
public sealed class VectorCollection : IDisposable
{
    private readonly string _directory;
    private readonly CollectionWriter? _writer;
    private readonly ReaderWriterLockSlim _access = new(LockRecursionPolicy.NoRecursion);
    private readonly Lock _writing = new();
    private readonly SearchScratchPool _scratch = new();
    private readonly long _readBytes;
    private RowSet _rows;
    private AcceptedRows? _lastFilter;
    private bool _disposed;

    private VectorCollection(string directory, RowSet rows, CollectionWriter? writer, long readBytes)
    {
        _directory = directory;
        _rows = rows;
        _writer = writer;
        _readBytes = readBytes;
    }

    /// <summary>What the collection holds now.</summary>
    public CollectionInfo Info => Read(rows => new CollectionInfo
    {
        Count = rows.Count,
        Dimension = rows.Base.Schema.Dimension,
        Model = rows.Base.Schema.Model,
        ModelName = rows.Base.Schema.ModelName,
        Columns = [.. rows.Columns],
        Partitions = [.. Enumerable.Range(0, rows.PartitionNames.Count)
            .Where(id => rows.PartitionCount(id) > 0)
            .Select(id => IndexReport.Describe(rows, id))],
        Generation = rows.Base.Number,
        IndexKind = IndexReport.Kind(rows.Base),
        BytesOnDisk = _writer?.Bytes ?? _readBytes,
    });

    /// <summary>The row at an ordinal that a search returned: key, partition and metadata, read now.</summary>
    public Hit this[int ordinal] => Read(rows =>
    {
        RequireOrdinal(rows, ordinal);
        return new Hit { Key = rows.Key(ordinal), Partition = rows.PartitionNames[rows.PartitionOf(ordinal)], Metadata = rows.Metadata(ordinal) };
    });

    /// <summary>Creates a collection in a folder that is new or empty, and opens it for writing.</summary>
    public static VectorCollection Create(string directory, CollectionOptions options) => Create(directory, options, new FileOperations());

    /// <summary>Opens the last commit of a collection.</summary>
    public static VectorCollection Open(string directory, OpenMode mode = OpenMode.ReadOnly) => Open(directory, mode, new FileOperations());

    /// <summary>Whether a folder holds a collection: whether it has a manifest, which may be damaged.</summary>
    public static bool Exists(string directory) => File.Exists(Path.Combine(directory, Manifest.FileName));

    /// <summary>
    /// Reads every byte of a collection and compares it with its checksum. Damage is reported, not thrown; throws <see cref="ClssIndexException"/>
    /// where there is no collection, or one of another format version.
    /// </summary>
    public static VerifyReport Verify(string directory) => Guard(directory, "verified", () => new CollectionVerifier(directory).Run());

    /// <summary>
    /// Identifies the committed content of a collection: <c>sha256:</c> and hexadecimal digits over its checksums, equal where the content is
    /// stored alike. It reads no payloads, so it does not find damage; <see cref="Verify"/> does.
    /// </summary>
    public static string ContentHash(string directory) => Guard(directory, "read", () => CollectionHash.Compute(directory));

    internal static VectorCollection Create(string directory, CollectionOptions options, FileOperations operations)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Dimension is < 1 or > VectorLayout.MaximumDimension)
        {
            throw new ClssIndexException($"The dimension must be 1 to {VectorLayout.MaximumDimension}; it is {options.Dimension}.");
        }

        EntryValidator.RequireNewColumns([], options.Columns);
        var schema = new Schema(options.Dimension, options.Model, options.ModelName, [.. options.Columns], [], options.Index);
        return Guard(directory, "created", () =>
        {
            (CollectionFolder folder, RowSet rows) = CollectionFolder.Create(directory, schema, operations);
            return new VectorCollection(directory, rows, new CollectionWriter(folder), 0);
        });
    }

    internal static VectorCollection Open(string directory, OpenMode mode, FileOperations operations)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!File.Exists(Path.Combine(directory, Manifest.FileName)))
        {
            throw new ClssIndexException($"{directory}: there is no collection here (no {Manifest.FileName}). Check the path, or build one with 'clss createdb'.");
        }

        return Guard(directory, "opened", () =>
        {
            if (mode == OpenMode.ReadOnly)
            {
                (RowSet loaded, long bytes) = CollectionFolder.Load(directory);
                return new VectorCollection(directory, loaded, null, bytes);
            }

            (CollectionFolder folder, RowSet rows) = CollectionFolder.OpenForWriting(directory, operations);
            return new VectorCollection(directory, rows, new CollectionWriter(folder), 0);
        });
    }

    /// <summary>Throws <see cref="ModelMismatchException"/> unless the collection's vectors are of this model.</summary>
    /// <param name="fingerprint">The fingerprint of the model at hand.</param>
    /// <param name="name">Its name, for the message.</param>
    public void RequireModel(string fingerprint, string name = "")
    {
        ArgumentNullException.ThrowIfNull(fingerprint);
        Schema schema = Read(rows => rows.Base.Schema);
        if (!string.Equals(schema.Model, fingerprint, StringComparison.Ordinal))
        {
            throw new ModelMismatchException(_directory, schema.Model, schema.ModelName, fingerprint, name);
        }
    }

    /// <summary>Writes a row, in place of the one with the same partition and key where there is one.</summary>
    public void Upsert(VectorEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Upsert([entry]);
    }

    /// <summary>Writes rows in order. Throws without writing any where one is not valid.</summary>
    public void Upsert(IReadOnlyList<VectorEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Write((writer, rows) =>
        {
            writer.Upsert(rows, entries);
            return entries.Count;
        });
    }

    /// <summary>Removes the row with a key from a partition, or from all where <paramref name="partition"/> is null. Returns how many rows were removed.</summary>
    public int Delete(string key, string? partition = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Write((writer, rows) => writer.Delete(rows, key, partition));
    }

    /// <summary>Adds columns. Rows written before have no values in them.</summary>
    public void AddColumns(IReadOnlyList<ColumnDefinition> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Write((writer, rows) =>
        {
            writer.AddColumns(rows, columns);
            return columns.Count;
        });
    }

    /// <summary>
    /// Makes all changes durable, all or none. When this returns, they survive a crash of the process or of the machine. When it throws, the
    /// collection on disk has the state of the commit before, and this object must be closed and opened again to write.
    /// </summary>
    public void Commit()
    {
        lock (_writing)
        {
            TakeOver(RequireWriter().Commit(_rows));
        }
    }

    /// <summary>Commits, and folds the log into a new generation: the form in which a collection is smallest and opens fastest. Ordinals change.</summary>
    public void Compact()
    {
        lock (_writing)
        {
            TakeOver(RequireWriter().Compact(_rows));
        }
    }

    /// <summary>True where the partition has a row with the key.</summary>
    public bool Contains(string key, string partition)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(partition);
        return Read(rows => rows.PartitionId(partition) is int id and >= 0 && rows.Find(key, id) >= 0);
    }

    /// <summary>The row with a key in a partition, or in any where <paramref name="partition"/> is null; null where there is none.</summary>
    public VectorEntry? Find(string key, string? partition = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Read(rows =>
        {
            int id = partition is null ? -1 : rows.PartitionId(partition);
            int ordinal = partition is null || id >= 0 ? rows.Find(key, id) : -1;
            return ordinal < 0 ? null : rows.Entry(ordinal);
        });
    }

    /// <summary>The rows that the filter accepts, partition by partition in the order of writing. Throws <see cref="ClssIndexException"/> where the collection is compacted meanwhile.</summary>
    public IEnumerable<VectorEntry> ReadAll(Filter? filter = null)
    {
        (RowSet start, AcceptedRows? accepted, int ordinals) = Read(rows => (rows, filter is null ? null : FilterEvaluator.Evaluate(filter, rows), rows.Ordinals));
        return Iterate(start, accepted, ordinals);
    }

    /// <summary>
    /// The nearest rows to a vector, best first, equal similarities by ordinal; allocates nothing. <paramref name="neighbors"/> must hold K. Returns how many
    /// were found. The vector need not have unit length.
    /// </summary>
    public int Search(ReadOnlySpan<float> vector, SearchOptions options, Span<Neighbor> neighbors)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireRoom(options, neighbors.Length, 1);
        _access.EnterReadLock();
        try
        {
            RowSet rows = RequireOpen();
            SearchScratch scratch = _scratch.Take(rows.Base.Stride);
            try
            {
                scratch.SetQuery(vector, rows.Base.Schema.Dimension);
                var plan = new SearchPlan(rows, options, Accepted(rows, options.Filter));
                var best = new TopK(neighbors[..options.K]);
                plan.Run(scratch, ref best);
                best.Sort();
                return best.Count;
            }
            finally
            {
                _scratch.Return(scratch);
            }
        }
        finally
        {
            _access.ExitReadLock();
        }
    }

    /// <summary>
    /// Searches many vectors [n, dimension] at once, on several threads (0: all cores): the same results as one at a time, far faster.
    /// Row i of <paramref name="neighbors"/> [n, K] holds <paramref name="counts"/>[i] results.
    /// </summary>
    public void SearchBatch(ReadOnlySpan<float> vectors, SearchOptions options, Span<Neighbor> neighbors, Span<int> counts, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        _access.EnterReadLock();
        try
        {
            RowSet rows = RequireOpen();
            int dimension = rows.Base.Schema.Dimension;
            int queries = vectors.Length / dimension;
            if (vectors.Length % dimension != 0 || counts.Length < queries)
            {
                throw new ClssIndexException($"Expected queries of {dimension} elements and a count for each; there are {vectors.Length} elements and {counts.Length} counts.");
            }

            RequireRoom(options, neighbors.Length, queries);
            var plan = new SearchPlan(rows, options, Accepted(rows, options.Filter));
            plan.RunBatch(vectors, dimension, options.K, neighbors, counts[..queries], threads > 0 ? threads : Environment.ProcessorCount, _scratch);
        }
        finally
        {
            _access.ExitReadLock();
        }
    }

    /// <summary>Closes the collection. Changes that were not committed are lost.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _access.EnterWriteLock();
            try
            {
                if (!_disposed)
                {
                    _disposed = true;
                    _rows.Dispose();
                    _writer?.Dispose();
                    _scratch.Dispose();
                }
            }
            finally
            {
                _access.ExitWriteLock();
            }
        }
    }

    private static T Guard<T>(string directory, string done, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (FileNotFoundException e)
        {
            throw new CorruptCollectionException(e.FileName ?? directory, "file", "The file is missing.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClssIndexException($"{directory}: the collection could not be {done}: {e.Message}", e);
        }
    }

    private T Read<T>(Func<RowSet, T> action)
    {
        _access.EnterReadLock();
        try
        {
            return action(RequireOpen());
        }
        finally
        {
            _access.ExitReadLock();
        }
    }

    private int Write(Func<CollectionWriter, RowSet, int> action)
    {
        lock (_writing)
        {
            CollectionWriter writer = RequireWriter();
            writer.RequireSound();
            _access.EnterWriteLock();
            try
            {
                return action(writer, _rows);
            }
            finally
            {
                _access.ExitWriteLock();
            }
        }
    }

    /// <summary>Replaces the rows by those of a new generation, when no search uses them.</summary>
    private void TakeOver(RowSet? folded)
    {
        if (folded is null)
        {
            return;
        }

        _access.EnterWriteLock();
        try
        {
            _rows.Dispose();
            _rows = folded;
            _lastFilter = null;
        }
        finally
        {
            _access.ExitWriteLock();
        }
    }

    private RowSet RequireOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _rows;
    }

    private CollectionWriter RequireWriter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _writer ?? throw new ClssIndexException($"{_directory}: the collection is open for reading only. Open it with OpenMode.ReadWrite to change it.");
    }

    private AcceptedRows? Accepted(RowSet rows, Filter? filter)
    {
        if (filter is null)
        {
            return null;
        }

        // Searches come in runs with the same filter object; the last evaluation serves them all.
        AcceptedRows? last = Volatile.Read(ref _lastFilter);
        if (last is null || last.Version != rows.Version || !ReferenceEquals(last.Filter, filter))
        {
            last = FilterEvaluator.Evaluate(filter, rows);
            Volatile.Write(ref _lastFilter, last);
        }

        return last;
    }

    private IEnumerable<VectorEntry> Iterate(RowSet start, AcceptedRows? accepted, int ordinals)
    {
        for (int i = 0; i < ordinals; i++)
        {
            int place = i;
            VectorEntry? entry = Read(rows =>
            {
                if (!ReferenceEquals(rows, start))
                {
                    throw new ClssIndexException($"{_directory}: the collection was compacted while its rows were being read. Read them again.");
                }

                int current = rows.OrdinalWrittenAt(place);
                bool wanted = rows.IsAlive(current) && (accepted is null || IsAccepted(accepted, current, rows.Base.Rows));
                return wanted ? rows.Entry(current) : null;
            });
            if (entry is not null)
            {
                yield return entry;
            }
        }
    }

    private static bool IsAccepted(AcceptedRows accepted, int ordinal, int baseRows)
    {
        (ulong[] words, int row) = ordinal < baseRows ? (accepted.Base, ordinal) : (accepted.Recent, ordinal - baseRows);
        return (words[row >> 6] & (1UL << row)) != 0;
    }

    private static void RequireRoom(SearchOptions options, int room, int queries)
    {
        if (options.K < 1)
        {
            throw new ClssIndexException($"K must be at least 1; it is {options.K}.");
        }

        if (room < (long)options.K * queries)
        {
            throw new ClssIndexException($"There must be room for {options.K} neighbors of each of {queries} queries; there is room for {room} in all.");
        }
    }

    private static void RequireOrdinal(RowSet rows, int ordinal)
    {
        if (ordinal < 0 || ordinal >= rows.Ordinals || !rows.IsAlive(ordinal))
        {
            throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, "There is no row with this ordinal. Ordinals are valid until the next change of the collection.");
        }
    }
}

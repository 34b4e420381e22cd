using Clss.Index.Flat;
using Clss.Index.Metadata;
using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index;

/// <summary>
/// Unit vectors with keys and typed metadata in a folder, searched by cosine similarity. Changes are seen at once by the object that makes them
/// and by others that open or refresh the collection after <see cref="Commit"/>; a reader keeps the state it has until it is refreshed. Members may be called from several threads.
/// </summary>
public sealed class VectorCollection : IDisposable
{
    private readonly string _directory;
    private readonly CollectionWriter? _writer;
    private readonly RowAccess _access;
    private readonly Lock _writing = new();
    private readonly SearchScratchPool _scratch = new();
    private CommittedState? _loaded;
    private bool _disposed;

    private VectorCollection(string directory, RowSet rows, CollectionWriter? writer, CommittedState? loaded)
    {
        _directory = directory;
        _access = new RowAccess(rows);
        _writer = writer;
        _loaded = loaded;
    }

    /// <summary>What the collection holds now.</summary>
    public CollectionInfo Info => _access.Read(rows => new CollectionInfo
    {
        Count = rows.Count,
        Dimension = rows.Base.Schema.Dimension,
        Storage = rows.Base.Schema.Storage,
        Model = rows.Base.Schema.Model,
        ModelName = rows.Base.Schema.ModelName,
        Columns = [.. rows.Columns],
        Partitions = [.. Enumerable.Range(0, rows.PartitionNames.Count)
            .Where(id => rows.PartitionCount(id) > 0)
            .Select(id => IndexReport.Describe(rows, id))],
        Generation = rows.Base.Number,
        IndexKind = IndexReport.Kind(rows.Base),
        BytesOnDisk = _writer?.Bytes ?? _loaded?.Bytes ?? 0,
    });

    /// <summary>The row at an ordinal that a search returned: key, partition and metadata, read now.</summary>
    public Hit this[int ordinal] => _access.Read(rows =>
    {
        RequireOrdinal(rows, ordinal);
        return new Hit { Key = rows.Key(ordinal), Partition = rows.PartitionNames[rows.PartitionOf(ordinal)], Metadata = rows.Metadata(ordinal) };
    });

    /// <summary>
    /// Why the last merge of the log into a new generation failed, for example for lack of room; null where it did not. Commits go on regardless, and a merge
    /// is tried again later, or by <see cref="Compact"/>.
    /// </summary>
    public ClssIndexException? MergeFailure => _writer?.MergeFailure;

    /// <summary>Creates a collection in a folder that is new or empty, and opens it for writing.</summary>
    public static VectorCollection Create(string directory, CollectionOptions options) => Create(directory, options, new FileOperations(), new MergePolicy());

    /// <summary>Opens the last commit of a collection.</summary>
    public static VectorCollection Open(string directory, OpenMode mode = OpenMode.ReadOnly) => Open(directory, mode, new FileOperations(), new MergePolicy());

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

    internal static VectorCollection Create(string directory, CollectionOptions options, FileOperations operations, MergePolicy merges)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Dimension is < 1 or > VectorLayout.MaximumDimension)
        {
            throw new ClssIndexException($"The dimension must be 1 to {VectorLayout.MaximumDimension}; it is {options.Dimension}.");
        }

        if (options.Storage is not (VectorStorage.Float32 or VectorStorage.Int16))
        {
            throw new ClssIndexException($"The storage {(int)options.Storage} is unknown. It is Float32 or Int16.");
        }

        options.Index.Validate();
        EntryValidator.RequireNewColumns([], options.Columns);
        var schema = new Schema(options.Dimension, options.Model, options.ModelName, [.. options.Columns], [], options.Index, options.Storage);
        return Guard(directory, "created", () =>
        {
            (CollectionFolder folder, RowSet rows) = CollectionFolder.Create(directory, schema, operations);
            return new VectorCollection(directory, rows, new CollectionWriter(folder, merges), null);
        });
    }

    internal static VectorCollection Open(string directory, OpenMode mode, FileOperations operations, MergePolicy merges)
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
                (RowSet loaded, CommittedState state) = CollectionLoader.Load(directory);
                return new VectorCollection(directory, loaded, null, state);
            }

            (CollectionFolder folder, RowSet rows) = CollectionFolder.OpenForWriting(directory, operations);
            return new VectorCollection(directory, rows, new CollectionWriter(folder, merges), null);
        });
    }

    /// <summary>Throws <see cref="ModelMismatchException"/> unless the collection's vectors are of this model.</summary>
    /// <param name="fingerprint">The fingerprint of the model at hand.</param>
    /// <param name="name">Its name, for the message.</param>
    public void RequireModel(string fingerprint, string name = "")
    {
        ArgumentNullException.ThrowIfNull(fingerprint);
        Schema schema = _access.Read(rows => rows.Base.Schema);
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
    /// collection on disk has the state of the commit before, and this object must be closed and opened again to write. A long log is merged into a new
    /// generation in the background meanwhile; a later call puts that in place, so that ordinals change only in calls that change the collection.
    /// </summary>
    public void Commit()
    {
        lock (_writing)
        {
            CollectionWriter writer = RequireWriter();
            writer.Commit(_access.Rows);
            TakeOver(writer.AdvanceMerge(_access.Rows));
        }
    }

    /// <summary>
    /// Commits, folds the log into a new generation and builds its indexes: the form in which a collection is smallest and searched fastest. Ordinals change.
    /// </summary>
    /// <param name="threads">Threads that build indexes, 0 for all cores. What they build does not depend on it.</param>
    public void Compact(int threads = 0)
    {
        lock (_writing)
        {
            TakeOver(RequireWriter().Compact(_access.Rows, threads > 0 ? threads : Environment.ProcessorCount));
        }
    }

    /// <summary>
    /// Moves a collection that is open for reading to the last commit of its writer, in whatever process. Returns whether there was a new one, which is found
    /// out by reading two small files; ordinals change then. What is open for writing is always up to date.
    /// </summary>
    public bool Refresh()
    {
        lock (_writing)
        {
            _access.RequireOpen();
            if (_loaded is null)
            {
                return false;
            }

            CommittedState loaded = _loaded;
            (RowSet Rows, CommittedState State)? newer = Guard(_directory, "read", () => CollectionLoader.LoadNewer(_directory, loaded, _access.Rows.Base));
            TakeOver(newer?.Rows);
            _loaded = newer?.State ?? loaded;
            return newer is not null;
        }
    }

    /// <summary>True where the partition has a row with the key.</summary>
    public bool Contains(string key, string partition)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(partition);
        return _access.Read(rows => rows.PartitionId(partition) is int id and >= 0 && rows.Find(key, id) >= 0);
    }

    /// <summary>The row with a key in a partition, or in any where <paramref name="partition"/> is null; null where there is none.</summary>
    public VectorEntry? Find(string key, string? partition = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _access.Read(rows =>
        {
            int id = partition is null ? -1 : rows.PartitionId(partition);
            int ordinal = partition is null || id >= 0 ? rows.Find(key, id) : -1;
            return ordinal < 0 ? null : rows.Entry(ordinal);
        });
    }

    /// <summary>The rows that the filter accepts, partition by partition in the order of writing, as they are when the first is read: changes meanwhile are not seen.</summary>
    public IEnumerable<VectorEntry> ReadAll(Filter? filter = null) => _access.ReadAll(filter);

    /// <summary>
    /// The nearest rows to a vector, best first, equal similarities by ordinal; allocates nothing. <paramref name="neighbors"/> must hold K. Returns how many
    /// were found. The vector need not have unit length.
    /// </summary>
    public int Search(ReadOnlySpan<float> vector, SearchOptions options, Span<Neighbor> neighbors) => Search(vector, options, neighbors, isReported: false, out _);

    /// <summary>The same, and how the search went. Finding that out takes some time.</summary>
    public int Search(ReadOnlySpan<float> vector, SearchOptions options, Span<Neighbor> neighbors, out SearchReport report) =>
        Search(vector, options, neighbors, isReported: true, out report);

    private int Search(ReadOnlySpan<float> vector, SearchOptions options, Span<Neighbor> neighbors, bool isReported, out SearchReport report)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireRoom(options, neighbors.Length, 1);
        RowSet rows = _access.Enter();
        try
        {
            SearchScratch scratch = _scratch.Take(rows.Base.Stride);
            try
            {
                scratch.SetQuery(vector, rows.Base.Schema.Dimension);
                var plan = new SearchPlan(rows, options, _access.Accepted(rows, options.Filter));
                var best = new TopK(neighbors[..options.K]);
                scratch.SetTally(isReported);
                plan.Run(scratch, ref best);
                report = scratch.Tally?.Report(best.Threshold) ?? default;
                best.Sort();
                return best.Count;
            }
            finally
            {
                scratch.SetTally(isWanted: false);
                _scratch.Return(scratch);
            }
        }
        finally
        {
            _access.Exit();
        }
    }

    /// <summary>
    /// Searches many vectors [n, dimension] at once, on several threads (0: all cores): the same results as one at a time, far faster.
    /// Row i of <paramref name="neighbors"/> [n, K] holds <paramref name="counts"/>[i] results.
    /// </summary>
    public void SearchBatch(ReadOnlySpan<float> vectors, SearchOptions options, Span<Neighbor> neighbors, Span<int> counts, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        RowSet rows = _access.Enter();
        try
        {
            int dimension = rows.Base.Schema.Dimension;
            int queries = vectors.Length / dimension;
            if (vectors.Length % dimension != 0 || counts.Length < queries)
            {
                throw new ClssIndexException($"Expected queries of {dimension} elements and a count for each; there are {vectors.Length} elements and {counts.Length} counts.");
            }

            RequireRoom(options, neighbors.Length, queries);
            var plan = new SearchPlan(rows, options, _access.Accepted(rows, options.Filter));
            plan.RunBatch(vectors, dimension, options.K, neighbors, counts[..queries], threads > 0 ? threads : Environment.ProcessorCount, _scratch);
        }
        finally
        {
            _access.Exit();
        }
    }

    /// <summary>Closes the collection. Changes that were not committed are lost.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            if (!_disposed)
            {
                _disposed = true;
                _writer?.FinishMerge(_access.Rows);
                _writer?.Dispose();
                _access.Dispose();
                _scratch.Dispose();
            }
        }
    }

    /// <summary>Returns when no merge runs, for tests.</summary>
    internal void WaitForMerge()
    {
        lock (_writing)
        {
            _writer?.WaitForMerge();
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

    private int Write(Func<CollectionWriter, RowSet, int> action)
    {
        lock (_writing)
        {
            CollectionWriter writer = RequireWriter();
            writer.RequireSound();
            return _access.Write(rows => action(writer, rows));
        }
    }

    private void TakeOver(RowSet? rows)
    {
        if (rows is not null)
        {
            _access.Replace(rows);
        }
    }

    private CollectionWriter RequireWriter()
    {
        _access.RequireOpen();
        return _writer ?? throw new ClssIndexException($"{_directory}: the collection is open for reading only. Open it with OpenMode.ReadWrite to change it.");
    }

    private static void RequireRoom(SearchOptions options, int room, int queries)
    {
        if (options.K < 1)
        {
            throw new ClssIndexException($"K must be at least 1; it is {options.K}.");
        }

        if (options.Recall is not (>= 0 and <= 1) || options.Probes < 1 || options.EfSearch < 1)
        {
            throw new ClssIndexException(
                $"Recall must be 0 to 1, Probes and EfSearch at least 1; they are {options.Recall}, {options.Probes?.ToString() ?? "not set"} and {options.EfSearch?.ToString() ?? "not set"}.");
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

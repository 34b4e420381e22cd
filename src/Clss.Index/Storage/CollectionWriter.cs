using Clss.Index.Metadata;

namespace Clss.Index.Storage;

/// <summary>The writing side of an open collection: applies changes to the rows, remembers them, and makes them durable at a commit.</summary>
internal sealed class CollectionWriter : IDisposable
{
    // The log is folded into a new generation when it passes half the size of the generation, which keeps the total written within a small multiple
    // of the data. The lower bound spares small collections; the upper one bounds the recent rows held in memory.
    private const long SmallestLogToFold = 16L << 20;
    private const long LargestLogToKeep = 1L << 30;

    private readonly CollectionFolder _folder;
    private readonly List<LogChange> _pending = [];
    private long _pendingBytes;
    private bool _failed;

    public CollectionWriter(CollectionFolder folder) => _folder = folder;

    /// <summary>Bytes on disk.</summary>
    public long Bytes => _folder.Bytes;

    /// <summary>Throws after a failed commit: what reached the disk is only known again after opening.</summary>
    public void RequireSound()
    {
        if (_failed)
        {
            throw new ClssIndexException($"{_folder.Directory}: an earlier commit failed. Close the collection and open it again; it has the state of the last commit that succeeded.");
        }
    }

    /// <summary>Writes rows, all or none.</summary>
    public void Upsert(RowSet rows, IReadOnlyList<VectorEntry> entries)
    {
        var vectors = new float[entries.Count][];
        var metadata = new MetadataValue[entries.Count][];
        for (int i = 0; i < entries.Count; i++)
        {
            (vectors[i], metadata[i]) = EntryValidator.Prepare(rows, entries[i]);
        }

        for (int i = 0; i < entries.Count; i++)
        {
            VectorEntry entry = entries[i];
            int row = rows.Upsert(entry.Partition, entry.Key, vectors[i], metadata[i]);
            _pending.Add(new LogChange.Upsert(row));
            _pendingBytes += EntryValidator.EstimateBytes(entry);
        }
    }

    /// <summary>Removes the rows with a key, in one partition or in all; returns how many.</summary>
    public int Delete(RowSet rows, string key, string? partition)
    {
        int id = partition is null ? -1 : rows.PartitionId(partition);
        if (partition is not null && id < 0)
        {
            return 0;
        }

        int removed = 0;
        for (int row = rows.Find(key, id); row >= 0; row = rows.Find(key, id))
        {
            string name = rows.PartitionNames[rows.PartitionOf(row)];
            rows.Remove(row);
            _pending.Add(new LogChange.Delete(name, key));
            _pendingBytes += key.Length + name.Length;
            removed++;
        }

        return removed;
    }

    public void AddColumns(RowSet rows, IReadOnlyList<ColumnDefinition> columns)
    {
        EntryValidator.RequireNewColumns(rows.Columns, columns);
        rows.AddColumns(columns);
        _pending.Add(new LogChange.AddColumns([.. columns]));
    }

    /// <summary>Makes the changes durable; returns the rows of a new generation where the log was folded into one, else null.</summary>
    public RowSet? Commit(RowSet rows)
    {
        RequireSound();
        if (_pending.Count == 0)
        {
            return null;
        }

        long threshold = Math.Clamp(rows.Base.Bytes / 2, SmallestLogToFold, LargestLogToKeep);
        if (_folder.LogBytes + _pendingBytes > threshold)
        {
            return Fold(rows);
        }

        WriteDurably("The commit", () => _folder.Commit(_pending, rows));
        ClearPending();
        return null;
    }

    /// <summary>Commits and folds the log into a new generation; null where there is nothing to fold.</summary>
    public RowSet? Compact(RowSet rows)
    {
        RequireSound();
        return _pending.Count > 0 || _folder.HasLog ? Fold(rows) : null;
    }

    public void Dispose() => _folder.Dispose();

    private RowSet Fold(RowSet rows)
    {
        RowSet? folded = null;
        WriteDurably("The compaction", () => folded = _folder.WriteGeneration(rows));
        ClearPending();
        return folded!;
    }

    private void WriteDurably(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            _failed = true;
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new ClssIndexException(
                    $"{_folder.Directory}: {what} failed: {e.Message} The collection keeps the state of the last commit. Make room or repair the device, then open it again and repeat the changes.",
                    e);
            }

            throw;
        }
    }

    private void ClearPending()
    {
        _pending.Clear();
        _pendingBytes = 0;
    }
}

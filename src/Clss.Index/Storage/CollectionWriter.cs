using Clss.Index.Metadata;

namespace Clss.Index.Storage;

/// <summary>The writing side of an open collection: applies changes to the rows, remembers them, and makes them durable at a commit.</summary>
internal sealed class CollectionWriter : IDisposable
{
    private readonly CollectionFolder _folder;
    private readonly MergePolicy _policy;
    private readonly List<LogChange> _pending = [];
    private GenerationMerge? _merge;
    private long _retryFrom;
    private bool _failed;

    public CollectionWriter(CollectionFolder folder, MergePolicy policy)
    {
        _folder = folder;
        _policy = policy;
    }

    /// <summary>Why the last merge failed; null where it did not.</summary>
    public ClssIndexException? MergeFailure { get; private set; }

    /// <summary>Bytes on disk.</summary>
    public long Bytes => _folder.Bytes;

    /// <summary>Throws after a failed commit: what reached the disk is only known again after opening.</summary>
    public void RequireSound()
    {
        if (_failed)
        {
            throw new ClssIndexException($"{_folder.Directory}: an earlier commit or merge failed. Close the collection and open it again; it has the state of the last commit that succeeded.");
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

    /// <summary>Makes the changes durable.</summary>
    public void Commit(RowSet rows)
    {
        RequireSound();
        if (_pending.Count > 0)
        {
            using RecentView recent = rows.ViewRecent();
            WriteDurably("The commit", () => _folder.Commit(_pending, recent));
            _merge?.Follow(_pending, rows.ViewRecent());
            _pending.Clear();
        }
    }

    /// <summary>
    /// After a commit: starts a merge where one is due, and puts one in place that has ended; returns its rows, else null. Where the log has grown too long
    /// it is waited for. That this happens in calls that write, and after a commit, has two reasons: ordinals change only when the caller changes something,
    /// and there are no changes that would have to be carried over without being committed.
    /// </summary>
    public RowSet? AdvanceMerge(RowSet rows)
    {
        long bytes = rows.Base.Bytes;
        bool isRunning = _merge is not null;
        if (_merge is null && !_failed && _folder.LogBytes > _policy.Due(bytes) && _folder.LogBytes >= _retryFrom)
        {
            _merge = new GenerationMerge(_folder, rows.Snapshot());
        }

        bool isFull = _folder.LogBytes > _policy.Full(bytes);
        return _merge is not null && ((isRunning && _merge.HasEnded) || isFull) ? FinishMerge(_merge, rows) : null;
    }

    /// <summary>Returns when no merge runs; it is put in place by the next call that does so.</summary>
    public void WaitForMerge() => _merge?.Wait();

    /// <summary>Commits and writes all rows as a new generation; null where they are one already.</summary>
    public RowSet? Compact(RowSet rows, int threads)
    {
        RequireSound();
        if (_merge is not null)
        {
            bool isAll = _pending.Count == 0 && !_merge.HasFollowed && !HasEmptyPartitions(rows);
            if (isAll && FinishMerge(_merge, rows) is RowSet merged)
            {
                return merged;
            }

            CancelMerge();
        }

        bool isCompact = _pending.Count == 0 && !_folder.HasLog && rows.Base.Schema.Partitions.All(partition => partition.Count > 0)
            && IndexReport.HasChosenIndexes(rows.Base);
        return isCompact ? null : WriteAll(rows, threads);
    }

    /// <summary>Puts a merge in place that is ready, so that it was not in vain.</summary>
    public void FinishMerge(RowSet rows)
    {
        if (!_failed && _merge is { HasEnded: true } merge && _pending.Count == 0)
        {
            FinishMerge(merge, rows)?.Dispose();
        }
    }

    /// <summary>Closes the folder; a merge that runs is given up.</summary>
    public void Dispose()
    {
        CancelMerge();
        _folder.Dispose();
    }

    private static bool HasEmptyPartitions(RowSet rows) => Enumerable.Range(0, rows.PartitionNames.Count).Any(id => rows.PartitionCount(id) == 0);

    private void CancelMerge()
    {
        _merge?.Cancel();
        _merge?.Dispose();
        _merge = null;
    }

    /// <summary>Puts a merge in place. A failure is reported by <see cref="MergeFailure"/> alone: the changes are in the log, and the collection is as it was.</summary>
    private RowSet? FinishMerge(GenerationMerge merge, RowSet rows)
    {
        _merge = null;
        PreparedGeneration? next = null;
        try
        {
            next = merge.Finish();
            if (next.Rows.Count != rows.Count)
            {
                throw new InvalidOperationException($"The merged rows are {next.Rows.Count}, those of the collection {rows.Count}.");
            }

            _folder.Activate(next);
            (MergeFailure, _retryFrom) = (null, 0);
            return next.Rows;
        }
#pragma warning disable CA1031 // Whatever went wrong, the old generation and its log hold everything; the caller's commit must not fail for it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            AbandonMerge(next, e, rows.Base.Bytes);
            return null;
        }
        finally
        {
            merge.Dispose();
        }
    }

    private void AbandonMerge(PreparedGeneration? next, Exception failure, long generationBytes)
    {
        string advice = "Changes are kept in the log, and the merge is tried again when it has grown.";
        if (_folder.IsCurrentOnDisk())
        {
            if (next is not null)
            {
                _folder.Discard(next.Manifest.Generation, next);
            }
        }
        else
        {
            // The new manifest is in place, but may not outlast a loss of power. Commits to either log could be lost: only opening anew tells which one counts.
            next?.Close();
            _failed = true;
            advice = "All commits are kept, but no more can be made: close the collection and open it again.";
        }

        _retryFrom = _policy.Retry(generationBytes, _folder.LogBytes);
        MergeFailure = new ClssIndexException($"{_folder.Directory}: the log could not be merged into a new generation: {failure.Message} {advice}", failure);
    }

    private RowSet WriteAll(RowSet rows, int threads)
    {
        RowSet? written = null;
        WriteDurably("The compaction", () =>
        {
            using RowSnapshot snapshot = rows.Snapshot();
            using var writer = new GenerationWriter(snapshot, keepEmptyPartitions: false, threads, CancellationToken.None);
            PreparedGeneration next = _folder.Prepare(_folder.NextGeneration, writer);
            try
            {
                _folder.Activate(next);
            }
            catch
            {
                next.Close();
                throw;
            }

            written = next.Rows;
        });
        _pending.Clear();
        (MergeFailure, _retryFrom) = (null, 0);
        return written!;
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
}

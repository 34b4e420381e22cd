using Clss.Index.Metadata;

namespace Clss.Index.Storage;

/// <summary>The rows of an open collection behind a lock: many threads read them at once, one changes or replaces them. Who enumerates them reads a snapshot.</summary>
internal sealed class RowAccess : IDisposable
{
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    private readonly HashSet<RowSnapshot> _enumerated = [];
    private AcceptedRows? _lastFilter;
    private Task _letGo = Task.CompletedTask;
    private bool _disposed;

    public RowAccess(RowSet rows) => Rows = rows;

    /// <summary>The current rows, for the thread that writes.</summary>
    public RowSet Rows { get; private set; }

    /// <summary>Throws where the collection is closed.</summary>
    public void RequireOpen() => ObjectDisposedException.ThrowIf(_disposed, typeof(VectorCollection));

    /// <summary>Begins to read; <see cref="Exit"/> must follow.</summary>
    public RowSet Enter()
    {
        _lock.EnterReadLock();
        if (_disposed)
        {
            _lock.ExitReadLock();
            RequireOpen();
        }

        return Rows;
    }

    public void Exit() => _lock.ExitReadLock();

    public T Read<T>(Func<RowSet, T> action)
    {
        RowSet rows = Enter();
        try
        {
            return action(rows);
        }
        finally
        {
            Exit();
        }
    }

    public T Write<T>(Func<RowSet, T> action)
    {
        _lock.EnterWriteLock();
        try
        {
            return action(Rows);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Replaces the rows when no search uses them; those before are let go in the background, because unmapping a large file takes a while.</summary>
    public void Replace(RowSet rows)
    {
        RowSet before = Write(current =>
        {
            Rows = rows;
            _lastFilter = null;
            return current;
        });
        _letGo = _letGo.ContinueWith(_ => before.Dispose(), TaskScheduler.Default);
    }

    /// <summary>The rows that a filter accepts, or null without one. To be called while reading.</summary>
    public AcceptedRows? Accepted(RowSet rows, Filter? filter)
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

    /// <summary>The rows that a filter accepts, as they are when the first one is asked for.</summary>
    public IEnumerable<VectorEntry> ReadAll(Filter? filter)
    {
        // A filter that does not fit the collection is refused here and not at the first row.
        Read(rows => Accepted(rows, filter));
        return Enumerate(filter);
    }

    public void Dispose()
    {
        _lock.EnterWriteLock();
        try
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _letGo.Wait();
            Rows.Dispose();
            lock (_enumerated)
            {
                // Whoever still enumerates finds the collection closed at the next row; one who stopped without saying so holds no memory.
                foreach (RowSnapshot snapshot in _enumerated)
                {
                    snapshot.Dispose();
                }

                _enumerated.Clear();
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private static bool IsAccepted(AcceptedRows accepted, int ordinal, int baseRows)
    {
        (ulong[] words, int row) = ordinal < baseRows ? (accepted.Base, ordinal) : (accepted.Recent, ordinal - baseRows);
        return (words[row >> 6] & (1UL << row)) != 0;
    }

    private IEnumerable<VectorEntry> Enumerate(Filter? filter)
    {
        (RowSnapshot snapshot, AcceptedRows? accepted) = Read(rows => (Open(rows), Accepted(rows, filter)));
        try
        {
            for (int i = 0; i < snapshot.Ordinals; i++)
            {
                int place = i;
                VectorEntry? entry = Read(_ =>
                {
                    int ordinal = snapshot.OrdinalWrittenAt(place);
                    bool wanted = snapshot.IsAlive(ordinal) && (accepted is null || IsAccepted(accepted, ordinal, snapshot.Base.Rows));
                    return wanted ? snapshot.Entry(ordinal) : null;
                });
                if (entry is not null)
                {
                    yield return entry;
                }
            }
        }
        finally
        {
            Close(snapshot);
        }
    }

    private RowSnapshot Open(RowSet rows)
    {
        lock (_enumerated)
        {
            RowSnapshot snapshot = rows.Snapshot();
            _enumerated.Add(snapshot);
            return snapshot;
        }
    }

    private void Close(RowSnapshot snapshot)
    {
        lock (_enumerated)
        {
            // Where it is not there, closing the collection has closed it.
            if (_enumerated.Remove(snapshot))
            {
                snapshot.Dispose();
            }
        }
    }
}

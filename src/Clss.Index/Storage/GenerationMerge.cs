namespace Clss.Index.Storage;

/// <summary>
/// Writes a new generation in a thread of its own while the collection goes on changing: first the rows as they were at the start, then, to the new
/// generation's log, what was committed since. What it prepares is put in place by the writer; until then nothing depends on it.
/// </summary>
internal sealed class GenerationMerge : IDisposable
{
    // The rest is left to whoever finishes the merge once it is this small, or when commits come faster than they can be followed.
    private const int SmallRest = 1000;
    private const int MaximumRounds = 32;

    private readonly CollectionFolder _folder;
    private readonly long _generation;
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationToken _cancelled;
    private readonly Lock _gate = new();
    private readonly Task<PreparedGeneration> _task;
    private List<LogChange> _changes = [];
    private RecentView? _recent;
    private bool _writesFiles;

    /// <summary>Starts to merge the rows of the snapshot, which belongs to the merge from now on.</summary>
    public GenerationMerge(CollectionFolder folder, RowSnapshot rows)
    {
        _folder = folder;
        _generation = folder.NextGeneration;
        _cancelled = _cancellation.Token;
        _task = Task.Factory.StartNew(() => Run(rows), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Whether it is ready, or has failed.</summary>
    public bool HasEnded => _task.IsCompleted;

    /// <summary>Whether anything was committed since its start.</summary>
    public bool HasFollowed { get; private set; }

    /// <summary>Takes note of a commit to the current log. The view belongs to the merge from now on.</summary>
    public void Follow(IEnumerable<LogChange> changes, RecentView recent)
    {
        lock (_gate)
        {
            HasFollowed = true;
            _changes.AddRange(changes);
            _recent?.Dispose();
            _recent = recent;
        }
    }

    /// <summary>Returns when it has ended, in whatever way.</summary>
    public void Wait() => Task.WaitAny(_task);

    /// <summary>Waits for the end, and returns the generation with all that was committed until now. Throws what made it fail.</summary>
    public PreparedGeneration Finish()
    {
        PreparedGeneration prepared = _task.GetAwaiter().GetResult();
        try
        {
            FollowRest(prepared);
            return prepared;
        }
        catch
        {
            _folder.Discard(_generation, prepared);
            throw;
        }
    }

    /// <summary>
    /// Gives the merge up and removes its files. Before the first of them is written its thread is not waited for: it lets go of the rows when it notices.
    /// </summary>
    public void Cancel()
    {
        bool writesFiles;
        lock (_gate)
        {
            _cancellation.Cancel();
            writesFiles = _writesFiles;
        }

        if (writesFiles)
        {
            Wait();
            if (_task.IsCompletedSuccessfully)
            {
                _folder.Discard(_generation, _task.Result);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _recent?.Dispose();
            _recent = null;
        }

        _cancellation.Dispose();
    }

    private PreparedGeneration Run(RowSnapshot snapshot)
    {
        PreparedGeneration? prepared = null;
        try
        {
            using (snapshot)
            {
                // Half of the cores, so that commits and searches keep the others; the result is the same on any number.
                int threads = Math.Max(1, Environment.ProcessorCount / 2);
                var writer = new GenerationWriter(snapshot, keepEmptyPartitions: true, threads, _cancelled);
                BeginFiles();
                prepared = _folder.Prepare(_generation, writer);
            }

            int round = 0;
            while (FollowRest(prepared) > SmallRest && round++ < MaximumRounds)
            {
                _cancelled.ThrowIfCancellationRequested();
            }

            return prepared;
        }
        catch when (_writesFiles)
        {
            _folder.Discard(_generation, prepared);
            throw;
        }
    }

    private void BeginFiles()
    {
        lock (_gate)
        {
            _cancelled.ThrowIfCancellationRequested();
            _writesFiles = true;
        }
    }

    private int FollowRest(PreparedGeneration prepared)
    {
        List<LogChange> changes;
        RecentView? recent;
        lock (_gate)
        {
            (changes, recent) = (_changes, _recent);
            (_changes, _recent) = ([], null);
        }

        using (recent)
        {
            if (recent is not null)
            {
                prepared.Follow(changes, recent);
            }
        }

        return changes.Count;
    }
}

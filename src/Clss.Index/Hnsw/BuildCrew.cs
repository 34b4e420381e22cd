using System.Runtime.ExceptionServices;

namespace Clss.Index.Hnsw;

/// <summary>The threads of a build, each with its own worker. What they do must not depend on who does it.</summary>
internal sealed class BuildCrew : IDisposable
{
    // Below this many items, handing them out costs more than it gains.
    private const int ParallelItems = 8;

    private readonly BuildWorker[] _workers;
    private readonly CancellationToken _cancellation;

    public BuildCrew(int threads, int vectorStride, CancellationToken cancellation)
    {
        _workers = new BuildWorker[threads > 0 ? threads : Environment.ProcessorCount];
        _cancellation = cancellation;
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new BuildWorker(vectorStride);
        }
    }

    /// <summary>Runs an action once for each item [0, count).</summary>
    public void Run(int count, int itemsAtATime, Action<BuildWorker, int> action)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_workers.Length == 1 || count < ParallelItems)
        {
            for (int i = 0; i < count; i++)
            {
                action(_workers[0], i);
            }

            return;
        }

        int taken = 0;
        try
        {
            Parallel.For(0, _workers.Length, new ParallelOptions { MaxDegreeOfParallelism = _workers.Length }, worker =>
            {
                while (true)
                {
                    int start = Interlocked.Add(ref taken, itemsAtATime) - itemsAtATime;
                    if (start >= count || start < 0)
                    {
                        return;
                    }

                    for (int i = start; i < Math.Min(start + itemsAtATime, count); i++)
                    {
                        action(_workers[worker], i);
                    }
                }
            });
        }
        catch (AggregateException error)
        {
            // What went wrong is what an item threw, as it is with one thread.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }

    public void Dispose()
    {
        foreach (BuildWorker worker in _workers)
        {
            worker.Dispose();
        }
    }
}

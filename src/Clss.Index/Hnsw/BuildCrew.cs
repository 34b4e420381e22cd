using System.Runtime.ExceptionServices;

namespace Clss.Index.Hnsw;

/// <summary>The threads of a build, each with its own worker. What they do must not depend on who does it.</summary>
internal sealed class BuildCrew
{
    // Below this many items, handing them out costs more than it gains.
    private const int ParallelItems = 8;

    private readonly List<BuildWorker> _workers;
    private readonly int _threads;
    private readonly CancellationToken _cancellation;

    /// <summary>A crew of this many threads, 0 for all cores. Takes workers from the list, and adds to it those that are missing.</summary>
    public BuildCrew(int threads, int vectorStride, List<BuildWorker> workers, CancellationToken cancellation)
    {
        _workers = workers;
        _threads = threads > 0 ? threads : Environment.ProcessorCount;
        _cancellation = cancellation;
        while (workers.Count < _threads)
        {
            workers.Add(new BuildWorker(vectorStride));
        }
    }

    /// <summary>Runs an action once for each item [0, count).</summary>
    public void Run(int count, int itemsAtATime, Action<BuildWorker, int> action)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_threads == 1 || count < ParallelItems)
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
            Parallel.For(0, _threads, new ParallelOptions { MaxDegreeOfParallelism = _threads }, worker =>
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
}

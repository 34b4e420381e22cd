namespace Clss.Index.Cells;

/// <summary>Runs independent pieces of work on some threads.</summary>
internal static class Work
{
    public static void ForEach(int pieces, int threads, Action<int> action)
    {
        if (threads <= 1 || pieces <= 1)
        {
            for (int i = 0; i < pieces; i++)
            {
                action(i);
            }
        }
        else
        {
            Parallel.For(0, pieces, new ParallelOptions { MaxDegreeOfParallelism = threads }, action);
        }
    }

    /// <summary>The same with working memory, one for each thread.</summary>
    public static void ForEach<T>(int pieces, int threads, Func<T> create, Action<int, T> action)
        where T : IDisposable
    {
        if (threads <= 1 || pieces <= 1)
        {
            using T memory = create();
            for (int i = 0; i < pieces; i++)
            {
                action(i, memory);
            }
        }
        else
        {
            Parallel.For(
                0,
                pieces,
                new ParallelOptions { MaxDegreeOfParallelism = threads },
                create,
                (i, _, memory) =>
                {
                    action(i, memory);
                    return memory;
                },
                memory => memory.Dispose());
        }
    }
}

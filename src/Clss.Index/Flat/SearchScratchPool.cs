namespace Clss.Index.Flat;

/// <summary>Keeps the working memory of finished searches for the next ones, so that a search allocates nothing.</summary>
internal sealed class SearchScratchPool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<SearchScratch> _free = new();

    public SearchScratch Take(int stride)
    {
        lock (_lock)
        {
            if (_free.TryPop(out SearchScratch? scratch))
            {
                return scratch;
            }
        }

        return new SearchScratch(stride);
    }

    public void Return(SearchScratch scratch)
    {
        lock (_lock)
        {
            _free.Push(scratch);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_free.TryPop(out SearchScratch? scratch))
            {
                scratch.Dispose();
            }
        }
    }
}

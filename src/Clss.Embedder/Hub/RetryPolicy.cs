namespace Clss.Embedder.Hub;

/// <summary>How often and when a failed attempt is repeated.</summary>
internal sealed class RetryPolicy(DownloadOptions options)
{
    // An attempt that brings less is no reason to forget the failures before it: a server that sends a byte and hangs up would be asked for ever.
    private const long ProgressBytes = 64 * 1024;

    // Even with progress every time; at 64 KiB each nothing else would end it.
    private const int MaxAttemptsInAll = 200;

    private int _failuresInARow;
    private int _attempts;

    /// <summary>The failures in a row without progress so far.</summary>
    public int Failures => _failuresInARow;

    /// <summary>Notes a failure; returns the wait before the next attempt, or null to give up.</summary>
    public TimeSpan? AfterFailure(long bytesGained, TimeSpan? retryAfter)
    {
        _attempts++;
        _failuresInARow = bytesGained >= ProgressBytes ? 1 : _failuresInARow + 1;
        if (_failuresInARow >= options.MaxAttempts || _attempts >= MaxAttemptsInAll)
        {
            return null;
        }

        double doubled = options.FirstBackoff.TotalMilliseconds * Math.Pow(2, _failuresInARow - 1);
        double capped = Math.Min(doubled, options.MaxBackoff.TotalMilliseconds);
        // Jitter: clients that failed together do not come back together.
        var wait = TimeSpan.FromMilliseconds(capped * (1 + (Random.Shared.NextDouble() / 2)));
        return retryAfter > wait ? retryAfter : wait;
    }
}

namespace Clss.Embedder.Hub;

/// <summary>One download under way.</summary>
internal sealed class DownloadState(DownloadRequest request, DownloadOptions options, PartialFile partial, IProgress<DownloadProgress>? progress)
{
    // A file that changes on the hub while it is downloaded is begun again this often.
    private const int MaxRestarts = 2;

    private readonly RetryPolicy _retries = new(options);
    private int _restarts;

    public DownloadRequest Request { get; } = request;

    public Expectation Wanted { get; } = new(request, options);

    public PartialFile Partial { get; } = partial;

    /// <summary>How often the body was asked for.</summary>
    public int Attempts { get; set; }

    public void Report(string? note = null) => progress?.Report(new DownloadProgress(Partial.Length, Wanted.Size, note));

    /// <summary>After the file changed on the hub: forgets everything, unless that happens again and again.</summary>
    public void Restart(ContentChangedException exception)
    {
        if (++_restarts > MaxRestarts)
        {
            throw new HubException(HubFailure.Protocol, exception.Message + " It changed again and again; try later.", exception);
        }

        Partial.Reset();
        Wanted.Forget();
        Report(exception.Message);
    }

    /// <summary>After a failed attempt that brought so many bytes: how long to wait before the next.</summary>
    /// <exception cref="HubException">There is no next.</exception>
    public TimeSpan WaitAfter(TransientException exception, long bytesGained)
    {
        TimeSpan wait = _retries.AfterFailure(bytesGained, exception.RetryAfter)
            ?? throw new HubException(
                exception.Final.Failure, $"{exception.Message} Gave up after {_retries.Failures} attempts; run again to go on.", exception.Final);
        Report($"{exception.Message} Attempt {_retries.Failures + 1} of {options.MaxAttempts} in {wait.TotalSeconds:0.0} s.");
        return wait;
    }
}

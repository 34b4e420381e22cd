namespace Clss.Index.Storage;

/// <summary>
/// When the log is merged into a new generation: past half the size of the generation, which keeps the total written within a small multiple of the
/// data. The lower bound spares small collections; the upper one bounds the recent rows held in memory.
/// </summary>
internal sealed record MergePolicy
{
    // Commits wait for a merge rather than let the log grow beyond this many times the length at which it began.
    private const int LongestLog = 2;

    // After a failure the log grows by this part of the length at which a merge is due before it is tried again.
    private const int RetryParts = 4;

    public long SmallestLog { get; init; } = 16L << 20;

    public long LargestLog { get; init; } = 1L << 30;

    /// <summary>The length of the log from which on it is merged.</summary>
    public long Due(long generationBytes) => Math.Clamp(generationBytes / 2, SmallestLog, LargestLog);

    /// <summary>The length of the log from which on commits wait.</summary>
    public long Full(long generationBytes) => LongestLog * Due(generationBytes);

    /// <summary>The length of the log from which on a merge is tried again that failed at a length.</summary>
    public long Retry(long generationBytes, long failedAt) => failedAt + (Due(generationBytes) / RetryParts);
}

namespace Clss.Embedder.Hub;

/// <summary>A failed attempt that is worth another one. <see cref="Final"/> is what the user sees when there is none.</summary>
internal sealed class TransientException(HubException final, TimeSpan? retryAfter = null) : Exception(final.Message, final)
{
    public HubException Final { get; } = final;

    /// <summary>The wait that the server asked for.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    public static TransientException Create(HubFailure failure, string message, Exception? cause = null) =>
        new(cause is null ? new HubException(failure, message) : new HubException(failure, message, cause));
}

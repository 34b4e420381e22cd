namespace Clss.Embedder.Hub;

/// <summary>A model could not be downloaded or installed.</summary>
public sealed class HubException : ClssEmbedderException
{
    /// <summary>Creates the exception with its kind and a message that says what, where, why and what to do.</summary>
    public HubException(HubFailure failure, string message)
        : base(message) => Failure = failure;

    /// <summary>Creates the exception with its kind, a message and its cause.</summary>
    public HubException(HubFailure failure, string message, Exception innerException)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind of failure, for programs; people read the message.</summary>
    public HubFailure Failure { get; }
}

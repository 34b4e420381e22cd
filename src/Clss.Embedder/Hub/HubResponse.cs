namespace Clss.Embedder.Hub;

/// <summary>An answer, and what the redirects before it said about the file.</summary>
internal sealed class HubResponse(HttpResponseMessage message, Uri address, HubMetadata metadata) : IDisposable
{
    public HttpResponseMessage Message { get; } = message;

    /// <summary>Who answered, after redirects.</summary>
    public Uri Address { get; } = address;

    public HubMetadata Metadata { get; } = metadata;

    public void Dispose() => Message.Dispose();
}

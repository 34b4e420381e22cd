namespace Clss.Embedder.Hub;

/// <summary>What the requests of one download have in common.</summary>
internal sealed record HubRequestContext(Uri Source, Uri? AccessPage, bool HasToken, bool TokenWasWithheld, TimeSpan MaxRetryAfter);

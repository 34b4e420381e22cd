namespace Clss.Embedder.Hub;

/// <summary>The file on the hub is no longer the one that was begun.</summary>
internal sealed class ContentChangedException(string message) : Exception(message);

namespace Clss.Embedder.Hub;

/// <summary>One file to download.</summary>
public sealed record DownloadRequest
{
    /// <summary>The file's address, http or https.</summary>
    public required Uri Source { get; init; }

    /// <summary>The path that the complete, checked file gets. While it is incomplete it is called <c>….partial</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>The SHA-256 that the file must have (64 hexadecimal digits), or null to take the one the server announces.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Who named <see cref="Sha256"/>.</summary>
    public HashSource Sha256Source { get; init; } = HashSource.User;

    /// <summary>The size that the file must have, in bytes, or null to take the one the server announces.</summary>
    public long? Size { get; init; }

    /// <summary>The page where access is asked for, named in the message when it is denied.</summary>
    public Uri? AccessPage { get; init; }
}

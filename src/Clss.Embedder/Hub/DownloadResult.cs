namespace Clss.Embedder.Hub;

/// <summary>A complete, checked download.</summary>
public sealed record DownloadResult
{
    /// <summary>Where the file is.</summary>
    public required string Path { get; init; }

    /// <summary>The file's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file's SHA-256, 64 lower-case hexadecimal digits, computed from the bytes received.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Who named the SHA-256 that it was compared with.</summary>
    public required HashSource Sha256Source { get; init; }

    /// <summary>The commit of the repository that served the file (<c>X-Repo-Commit</c>), or null.</summary>
    public string? Commit { get; init; }

    /// <summary>How many of the bytes an earlier, interrupted download had left.</summary>
    public long ResumedFrom { get; init; }

    /// <summary>How many requests for the body were made; 0 when the file was there already.</summary>
    public int Attempts { get; init; }
}

namespace Clss.Embedder.Hub;

/// <summary>A file of a published model.</summary>
public sealed record ModelCatalogFile
{
    /// <summary>The path in the repository.</summary>
    public required string Path { get; init; }

    /// <summary>The SHA-256 (64 hexadecimal digits) that the file must have, or null to take the one the hub announces.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's size in bytes, or null to take the one the hub announces.</summary>
    public long? Size { get; init; }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

namespace Clss.Embedder.Hub;

/// <summary>A file that is kept as it was downloaded.</summary>
public sealed record ModelOriginFile
{
    /// <summary>The name in the model's folder.</summary>
    public required string Name { get; init; }

    /// <summary>The file's size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file's SHA-256, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Who named the SHA-256 that the file was compared with.</summary>
    public HashSource Sha256Source { get; init; }
}

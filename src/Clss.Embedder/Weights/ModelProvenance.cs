namespace Clss.Embedder.Weights;

/// <summary>Where an imported model came from.</summary>
public sealed record ModelProvenance
{
    /// <summary>The name of the imported file or folder, without its path.</summary>
    public required string Source { get; init; }

    /// <summary>The SHA-256 of the imported weights file in hexadecimal, or an empty text where it was not taken.</summary>
    public string SourceSha256 { get; init; } = "";

    /// <summary>The program and version that wrote the model directory.</summary>
    public required string Tool { get; init; }

    /// <summary>When the directory was written.</summary>
    public required DateTimeOffset Created { get; init; }
}

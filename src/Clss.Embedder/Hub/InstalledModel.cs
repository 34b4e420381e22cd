namespace Clss.Embedder.Hub;

/// <summary>A model folder of the store.</summary>
public sealed record InstalledModel
{
    /// <summary>The name for <c>--model</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The model directory.</summary>
    public required string Path { get; init; }

    /// <summary>The size of all its files, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The model's fingerprint as its <c>model.json</c> states it; empty when that can not be read, and for structure weights.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>True for the weights of a structure tower: no model of its own.</summary>
    public bool IsStructureWeights { get; init; }

    /// <summary>Where it came from, or null when nothing says so.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>What is wrong with it, or null. Files are not read through here: <c>clss models verify</c> compares their hashes.</summary>
    public string? Problem { get; init; }
}

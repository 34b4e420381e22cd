namespace Clss.Embedder.Weights;

/// <summary>What <c>model.json</c> says.</summary>
public sealed record ModelManifest
{
    /// <summary>What the model is.</summary>
    public required ModelDescription Description { get; init; }

    /// <summary>The fingerprint of the sequence tower and its adapter: <c>sha256:</c> and hexadecimal digits.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The file that holds the sequence tower and the adapters.</summary>
    public required string WeightsFile { get; init; }

    /// <summary>Every file of the model, that one included.</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }
}

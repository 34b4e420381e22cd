using Clss.Embedder.Weights;

namespace Clss.Embedder.Hub;

/// <summary>How a model is installed.</summary>
public sealed record InstallOptions
{
    /// <summary>Endpoint, token and offline mode; the environment's when null.</summary>
    public HubSettings? Settings { get; init; }

    /// <summary>Patience and limits of the download; the defaults when null.</summary>
    public DownloadOptions? Download { get; init; }

    /// <summary>The type in which the weights are stored; structure weights stay as they are published.</summary>
    public WeightType WeightType { get; init; } = WeightType.Float32;

    /// <summary>
    /// The SHA-256 that the file must have (64 hexadecimal digits), separated by commas where there are several files; the catalogue's or the hub's when null.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>Another branch, tag or commit than the catalogue's.</summary>
    public string? Revision { get; init; }

    /// <summary>True to install again what is installed already.</summary>
    public bool Replace { get; init; }

    /// <summary>True to keep the downloaded checkpoint beside the model made from it.</summary>
    public bool KeepCheckpoint { get; init; }

    /// <summary>True when the person who downloads has accepted <see cref="ModelCatalogEntry.Licence"/>.</summary>
    public bool LicenceAccepted { get; init; }
}

namespace Clss.Embedder.Hub;

/// <summary>A model that can be used by name.</summary>
public sealed record ModelCatalogEntry
{
    /// <summary>The name for <c>--model</c> and <c>clss models get</c>; also the name of its folder in the store.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence on what the model is for.</summary>
    public required string Description { get; init; }

    /// <summary>True when the model is part of this library and needs no download.</summary>
    public bool IsBuiltIn { get; init; }

    /// <summary>The Hugging Face repository, <c>owner/name</c>; empty for a built-in model.</summary>
    public string Repository { get; init; } = "";

    /// <summary>A branch, tag or commit of the repository.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>The checkpoint's file name in the repository; empty for a built-in model.</summary>
    public string File { get; init; } = "";

    /// <summary>The SHA-256 (64 hexadecimal digits) that the file must have, or null to take the one the hub announces.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's size in bytes, or null to take the one the hub announces.</summary>
    public long? Size { get; init; }

    /// <summary>The address of the file below an endpoint: <c>{endpoint}/{repository}/resolve/{revision}/{file}</c>.</summary>
    /// <exception cref="HubException">The model is built in: it has no address.</exception>
    public Uri ResolveUri(Uri endpoint, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (IsBuiltIn)
        {
            throw new HubException(HubFailure.UnknownName, $"The model '{Name}' is built in: it has no download address.");
        }

        // As huggingface_hub's hf_hub_url: the revision is one path segment (a branch "a/b" becomes a%2Fb), the file keeps its slashes.
        string file = string.Join('/', File.Split('/').Select(Uri.EscapeDataString));
        string root = endpoint.AbsoluteUri.TrimEnd('/');
        return new Uri($"{root}/{Repository}/resolve/{Uri.EscapeDataString(revision ?? Revision)}/{file}");
    }

    /// <summary>The page of the repository, where terms are read and accepted.</summary>
    public Uri PageUri(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{Repository}");
    }
}

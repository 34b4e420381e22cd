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

    /// <summary>The files to download: one checkpoint, or those of the structure tower; none for a built-in model.</summary>
    public IReadOnlyList<ModelCatalogFile> Files { get; init; } = [];

    /// <summary>True for the weights of a structure tower, which models without one of their own use. Their files are kept as they are published.</summary>
    public bool IsStructureWeights { get; init; }

    /// <summary>Terms that must be accepted before the download, or null.</summary>
    public ModelLicence? Licence { get; init; }

    /// <summary>The address of a file below an endpoint: <c>{endpoint}/{repository}/resolve/{revision}/{file}</c>.</summary>
    /// <exception cref="HubException">The model is built in: it has no address.</exception>
    public Uri ResolveUri(Uri endpoint, ModelCatalogFile file, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(file);
        if (IsBuiltIn)
        {
            throw new HubException(HubFailure.UnknownName, $"The model '{Name}' is built in: it has no download address.");
        }

        // As huggingface_hub's hf_hub_url: the revision is one path segment (a branch "a/b" becomes a%2Fb), the file keeps its slashes.
        string path = string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString));
        string root = endpoint.AbsoluteUri.TrimEnd('/');
        return new Uri($"{root}/{Repository}/resolve/{Uri.EscapeDataString(revision ?? Revision)}/{path}");
    }

    /// <summary>The page of the repository, where terms are read and accepted.</summary>
    public Uri PageUri(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{Repository}");
    }

    /// <summary>What a person must know before accepting <see cref="Licence"/>, in several lines; empty without a licence.</summary>
    public string ExplainLicence(Uri endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return Licence is null ? "" : $"""
            {Name}: {Description} It belongs to its makers and has terms of its own.
            Licence: {Licence.Name}, {Licence.Text}
            In plain words, as far as this program knows them:
            {string.Join('\n', Licence.Terms.Select(term => "  - " + term))}
            This is a summary, not the licence, and the makers can change their terms, as they have done before. Read the
            current ones at {PageUri(endpoint)} and accept them there where the page asks for it.
            Then set HF_TOKEN to an access token of your account. What is downloaded stays on this machine.
            """;
    }
}

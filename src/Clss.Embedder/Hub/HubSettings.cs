namespace Clss.Embedder.Hub;

/// <summary>Where models come from and with which credentials, as Hugging Face's own tools read it from the environment.</summary>
public sealed record HubSettings
{
    /// <summary>The endpoint when <c>HF_ENDPOINT</c> names no other.</summary>
    public static readonly Uri DefaultEndpoint = new("https://huggingface.co");

    /// <summary>The hub or a mirror of it.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>The access token, or null. It is sent to the endpoint's own scheme, host and port only.</summary>
    public string? Token { get; init; }

    /// <summary>True to refuse every network access.</summary>
    public bool Offline { get; init; }

    /// <summary>
    /// Reads <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c> (or <c>HUGGING_FACE_HUB_TOKEN</c>, or the file <c>HF_TOKEN_PATH</c>, by default
    /// <c>$HF_HOME/token</c>, <c>$XDG_CACHE_HOME/huggingface/token</c> or <c>~/.cache/huggingface/token</c>),
    /// <c>HF_HUB_DISABLE_IMPLICIT_TOKEN</c> and <c>HF_HUB_OFFLINE</c>.
    /// </summary>
    /// <param name="variables">Variables to read instead of the process's own.</param>
    /// <exception cref="HubException">The endpoint is not an http or https address, or the token file can not be read.</exception>
    public static HubSettings FromEnvironment(IReadOnlyDictionary<string, string>? variables = null)
    {
        var environment = new HubEnvironment(variables);
        return new HubSettings
        {
            Endpoint = ReadEndpoint(environment),
            Token = ReadToken(environment),
            Offline = environment.IsTrue("HF_HUB_OFFLINE") || environment.IsTrue("TRANSFORMERS_OFFLINE"),
        };
    }

    /// <summary>Everything but the token.</summary>
    public override string ToString() => $"{Endpoint} token={(Token is null ? "none" : "set")} offline={Offline}";

    private static Uri ReadEndpoint(HubEnvironment environment)
    {
        string? text = environment["HF_ENDPOINT"];
        if (text is null)
        {
            return DefaultEndpoint;
        }

        if (!Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out Uri? endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new HubException(
                HubFailure.Protocol,
                $"HF_ENDPOINT is '{text}', which is not an http or https address. Example: https://huggingface.co");
        }

        return endpoint;
    }

    private static string? ReadToken(HubEnvironment environment)
    {
        string? token = Clean(environment["HF_TOKEN"] ?? environment["HUGGING_FACE_HUB_TOKEN"]);
        if (token is not null || environment.IsTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        {
            return token;
        }

        string? path = environment["HF_TOKEN_PATH"] ?? DefaultTokenPath(environment);
        if (path is null || !File.Exists(path))
        {
            return null;
        }

        try
        {
            return Clean(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HubException(
                HubFailure.Storage, $"{path}: the token file can not be read ({exception.Message}). Set HF_TOKEN instead.", exception);
        }
    }

    private static string? DefaultTokenPath(HubEnvironment environment)
    {
        string? home = environment["HF_HOME"];
        home ??= environment["XDG_CACHE_HOME"] is { } cache ? Path.Combine(cache, "huggingface") : null;
        home ??= environment.Home is { } user ? Path.Combine(user, ".cache", "huggingface") : null;
        return home is null ? null : Path.Combine(home, "token");
    }

    private static string? Clean(string? token)
    {
        token = token?.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
        return string.IsNullOrEmpty(token) ? null : token;
    }
}

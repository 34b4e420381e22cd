namespace Clss.Embedder.Hub;

/// <summary>What the hub says about a file before its bytes, with the header rules of huggingface_hub's <c>get_hf_file_metadata</c>.</summary>
/// <param name="Etag"><c>X-Linked-Etag</c>, else <c>ETag</c>, without <c>W/</c> and quotes.</param>
/// <param name="IsLinked">True when the tag is <c>X-Linked-Etag</c>: the file is stored by its SHA-256, outside git.</param>
/// <param name="Size"><c>X-Linked-Size</c>, else <c>Content-Length</c>, in bytes.</param>
/// <param name="Commit"><c>X-Repo-Commit</c>.</param>
internal sealed record HubMetadata(string? Etag, bool IsLinked, long? Size, string? Commit)
{
    public static HubMetadata Empty { get; } = new(null, false, null, null);

    // An ordinary ETag of 64 digits is some server's private tag: only the linked one is promised to be the SHA-256.
    public string? Sha256 => IsLinked && Etag is not null && Sha256Text.IsValid(Etag) ? Etag.ToLowerInvariant() : null;

    public static bool IsPresentIn(HttpResponseMessage response) => Header(response, "X-Linked-Etag") is not null;

    public static HubMetadata Read(HttpResponseMessage response)
    {
        string? linked = Normalise(Header(response, "X-Linked-Etag"));
        string? etag = linked ?? Normalise(response.Headers.ETag?.ToString() ?? Header(response, "ETag"));
        // The length of a redirect is that of its own page; huggingface_hub relies on X-Linked-Size being there, we check.
        bool isRedirect = (int)response.StatusCode is >= 300 and <= 399;
        long? size = long.TryParse(Header(response, "X-Linked-Size"), out long linkedSize) && linkedSize >= 0
            ? linkedSize
            : isRedirect ? null : response.Content.Headers.ContentLength;
        return new HubMetadata(etag, linked is not null, size, Header(response, "X-Repo-Commit"));
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static string? Normalise(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        etag = etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag;
        etag = etag.Trim('"');
        return etag.Length == 0 ? null : etag;
    }
}

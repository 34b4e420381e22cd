namespace Clss.Embedder.Hub;

/// <summary>What a download must turn out to be, from the request and from what the servers say, in that order of trust.</summary>
internal sealed class Expectation
{
    private readonly DownloadRequest _request;
    private readonly long _maxBytes;
    private readonly string? _requestedSha256;
    private HubMetadata _metadata = HubMetadata.Empty;

    public Expectation(DownloadRequest request, DownloadOptions options)
    {
        _request = request;
        _maxBytes = options.MaxBytes;
        _requestedSha256 = Sha256Text.Parse(request.Sha256);
        if (!request.Source.IsAbsoluteUri || request.Source.Scheme is not ("http" or "https"))
        {
            throw new HubException(HubFailure.Protocol, $"'{request.Source}' is not an http or https address.");
        }

        if (request.Size is { } size)
        {
            RequireRoom(size, RedirectRules.ShortUri(request.Source));
        }
    }

    /// <summary>True once the server was asked what it has.</summary>
    public bool IsResolved { get; private set; }

    public long? Size { get; private set; }

    public string? Commit => _metadata.Commit;

    public string? Sha256 => _requestedSha256 ?? _metadata.Sha256;

    public HashSource Sha256Source => _requestedSha256 is not null
        ? _request.Sha256Source
        : _metadata.Sha256 is not null ? HashSource.Hub : HashSource.None;

    public string HashOrigin => Sha256Source switch
    {
        HashSource.Hub => "announced by the hub",
        HashSource.Catalog => "pinned in the catalogue",
        _ => "given by you",
    };

    /// <summary>What the content is, for the journal; "" when nothing identifies it, so that nothing can be resumed.</summary>
    public string Identity => Sha256 is { } sha256 ? "sha256:" + sha256 : _metadata.Etag is { } etag ? "etag:" + etag : "";

    public void Resolve(HubMetadata metadata)
    {
        string where = RedirectRules.ShortUri(_request.Source);
        if (_request.Size is { } wanted && metadata.Size is { } announced && wanted != announced)
        {
            throw new HubException(
                HubFailure.SizeMismatch, $"{where}: the server announces {announced} bytes, expected {wanted}. It is another file; nothing was downloaded.");
        }

        if (_requestedSha256 is not null && metadata.Sha256 is not null && metadata.Sha256 != _requestedSha256)
        {
            throw new HubException(
                HubFailure.HashMismatch,
                $"{where}: the hub announces SHA-256 {metadata.Sha256}, expected {_requestedSha256}. It is another file; nothing was downloaded.");
        }

        _metadata = metadata;
        Size = _request.Size ?? metadata.Size;
        if (Size is { } size)
        {
            RequireRoom(size, where);
        }

        IsResolved = true;
    }

    /// <summary>Asks again what the server has.</summary>
    public void Forget()
    {
        _metadata = HubMetadata.Empty;
        Size = null;
        IsResolved = false;
    }

    /// <summary>Checks that the answer with the bytes speaks of the same file as the answer before it.</summary>
    public void RequireSame(HubMetadata metadata)
    {
        if (_metadata is { IsLinked: true } && metadata is { IsLinked: true } && metadata.Etag != _metadata.Etag)
        {
            throw new ContentChangedException($"{RedirectRules.ShortUri(_request.Source)}: the file changed on the hub; starting again.");
        }
    }

    /// <summary>Compares the whole file's length by the body's <c>Content-Length</c> with the expected one, or takes it where none is known.</summary>
    public void TakeLength(long? length, string where)
    {
        if (length is null)
        {
            return;
        }

        if (Size is { } size && size != length)
        {
            throw new HubException(
                HubFailure.SizeMismatch, $"{where}: the server sends {length} bytes where {size} were announced; not downloaded. Try later, or another HF_ENDPOINT.");
        }

        RequireRoom(length.Value, where);
        Size = length;
    }

    /// <summary>Refuses more bytes than were announced or than the limit allows.</summary>
    public void RequireRoom(long bytes, string where)
    {
        if (Size is { } size && bytes > size)
        {
            throw new HubException(HubFailure.SizeMismatch, $"{where}: more bytes arrive than the {size} that were announced; stopped.");
        }

        if (bytes > _maxBytes)
        {
            throw new HubException(
                HubFailure.TooLarge, $"{where}: {ByteCount.Format(bytes)} or more, above the limit of {ByteCount.Format(_maxBytes)}; stopped.");
        }
    }
}

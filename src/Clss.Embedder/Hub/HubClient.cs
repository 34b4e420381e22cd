using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;

namespace Clss.Embedder.Hub;

/// <summary>Requests with the redirects and the token under our own control, and failures sorted by what can be done about them.</summary>
internal sealed class HubClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly HubSettings _settings;
    private readonly DownloadOptions _options;

    public HubClient(HubSettings settings, DownloadOptions options)
    {
        options.Validate();
        if (settings.Token is { } token && !token.All(character => character is > ' ' and <= '~'))
        {
            throw new HubException(
                HubFailure.AccessDenied, "The access token holds characters that no token has (spaces, control or non-ASCII characters). Check HF_TOKEN.");
        }

        _settings = settings;
        _options = options;
        var handler = new SocketsHttpHandler
        {
            // Redirects are followed here, hop by hop: the handler would hide their headers.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            // An answer that is given up is closed, not read to its end.
            MaxResponseDrainSize = 0,
        };
        if (options.Proxy is not null)
        {
            handler.Proxy = options.Proxy;
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        string version = typeof(HubClient).Assembly.GetName().Version?.ToString(3) ?? "0";
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("clss-net", version));
    }

    /// <summary>Asks what the hub knows about a file. Empty when the server does not answer HEAD.</summary>
    public async Task<HubMetadata> GetMetadataAsync(DownloadRequest request, CancellationToken cancellationToken)
    {
        using HubResponse response = await SendAsync(request, HttpMethod.Head, null, null, cancellationToken).ConfigureAwait(false);
        return (int)response.Message.StatusCode >= 400 ? HubMetadata.Empty : response.Metadata;
    }

    /// <summary>Asks for a file's bytes from an offset on. The status is 200, 206 or 416.</summary>
    /// <param name="request">What is downloaded.</param>
    /// <param name="offset">The first byte wanted; 0 asks for the whole file, without a range.</param>
    /// <param name="validator">A strong entity tag that the rest must belong to, else the server sends the whole file.</param>
    /// <param name="cancellationToken">Cancels the wait for the headers.</param>
    public Task<HubResponse> GetBytesAsync(DownloadRequest request, long offset, string? validator, CancellationToken cancellationToken) =>
        SendAsync(request, HttpMethod.Get, offset == 0 ? null : offset, validator, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<HubResponse> SendAsync(
        DownloadRequest request, HttpMethod method, long? offset, string? validator, CancellationToken cancellationToken)
    {
        Uri address = request.Source;
        HubMetadata? linked = null;
        var visited = new HashSet<Uri>();
        for (int hop = 0; hop <= RedirectRules.MaxRedirects; hop++)
        {
            if (!visited.Add(address))
            {
                throw new HubException(HubFailure.Redirect, $"{RedirectRules.ShortUri(request.Source)}: the redirects run in a circle.");
            }

            HttpResponseMessage message = await SendOneAsync(address, method, offset, validator, cancellationToken).ConfigureAwait(false);
            try
            {
                linked ??= HubMetadata.IsPresentIn(message) ? HubMetadata.Read(message) : null;
                bool isRedirect = message.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
                // The linked headers say all that a HEAD is for, before the redirect to the content network.
                bool isEnough = method == HttpMethod.Head
                    && ((linked is not null && (int)message.StatusCode < 400) || IsHeadRefused(message, address, request.Source));
                if (!isRedirect || isEnough)
                {
                    if (!isEnough)
                    {
                        HubStatus.ThrowIfFailed(message, address, Context(request));
                    }

                    var response = new HubResponse(message, address, linked ?? HubMetadata.Read(message));
                    message = null!;
                    return response;
                }

                address = RedirectRules.Target(address, message.Headers.Location?.OriginalString);
            }
            finally
            {
                message?.Dispose();
            }
        }

        throw new HubException(
            HubFailure.Redirect, $"{RedirectRules.ShortUri(request.Source)}: more than {RedirectRules.MaxRedirects} redirects.");
    }

    // 405 and 501: a plain file server without HEAD. 403 elsewhere: a content network whose signature is for GET only.
    private static bool IsHeadRefused(HttpResponseMessage message, Uri address, Uri source) =>
        message.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented
        || (message.StatusCode is HttpStatusCode.Forbidden && !RedirectRules.IsSameServer(address, source));

    private async Task<HttpResponseMessage> SendOneAsync(
        Uri address, HttpMethod method, long? offset, string? validator, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(method, address);
        message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (offset is { } first)
        {
            message.Headers.Range = new RangeHeaderValue(first, null);
            if (validator is not null)
            {
                message.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue(validator));
            }
        }

        if (_settings.Token is { } token && RedirectRules.MayReceiveToken(address, _settings.Endpoint))
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.StallTimeout + _options.ConnectTimeout);
        try
        {
            return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw TransientException.Create(
                HubFailure.Stalled, $"{RedirectRules.ShortUri(address)}: no answer within {(_options.StallTimeout + _options.ConnectTimeout).TotalSeconds:0.#} s.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw Sort(address, exception);
        }
    }

    private static Exception Sort(Uri address, HttpRequestException exception)
    {
        string where = RedirectRules.ShortUri(address);
        string why = exception.InnerException?.Message ?? exception.Message;
        switch (exception.HttpRequestError)
        {
            case HttpRequestError.SecureConnectionError when exception.InnerException is AuthenticationException:
                return new HubException(
                    HubFailure.Tls,
                    $"{where}: the server's TLS certificate was not accepted ({why}). Behind an intercepting proxy, add its certificate to the " +
                    "system's, or name it in SSL_CERT_FILE.",
                    exception);
            case HttpRequestError.ConfigurationLimitExceeded:
                return new HubException(HubFailure.Protocol, $"{where}: the answer's headers are larger than any honest server's ({why}).", exception);
            case HttpRequestError.InvalidResponse:
                return new HubException(HubFailure.Protocol, $"{where}: the answer is not HTTP ({why}).", exception);
            case HttpRequestError.ProxyTunnelError:
                return new HubException(
                    HubFailure.Network,
                    $"{where}: the proxy refuses ({exception.Message}). Check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.",
                    exception);
            case HttpRequestError.NameResolutionError:
                return TransientException.Create(
                    HubFailure.Network, $"{where}: the name can not be resolved ({why}). Without a network, use --offline and an installed model.", exception);
            default:
                return TransientException.Create(
                    HubFailure.Network, $"{where}: no connection ({why}). Check the network, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY.", exception);
        }
    }

    private HubRequestContext Context(DownloadRequest request) => new(
        request.Source,
        request.AccessPage,
        _settings.Token is not null,
        !RedirectRules.MayReceiveToken(request.Source, _settings.Endpoint),
        _options.MaxRetryAfter);
}

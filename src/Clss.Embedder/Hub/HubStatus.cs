using System.Net;
using System.Text;

namespace Clss.Embedder.Hub;

/// <summary>Turns status codes into errors that say what to do.</summary>
internal static class HubStatus
{
    private const int MaxQuotedCharacters = 200;

    /// <summary>Returns for 200, 206 and 416, which the transfer handles; throws for the rest.</summary>
    public static void ThrowIfFailed(HttpResponseMessage response, Uri address, HubRequestContext context)
    {
        int code = (int)response.StatusCode;
        if (code is 200 or 206 or 416)
        {
            return;
        }

        string where = $"{RedirectRules.ShortUri(address)}: HTTP {code}{ServerWords(response)}";
        throw code switch
        {
            // A content network refuses an address whose signature has expired; the next attempt gets a fresh one.
            401 or 403 when !RedirectRules.IsSameServer(address, context.Source) =>
                TransientException.Create(HubFailure.AccessDenied, $"{where}. The server that the hub sent us to refuses the download; try again later."),
            401 or 403 => new HubException(HubFailure.AccessDenied, AccessDenied(where, context)),
            404 or 410 => new HubException(HubFailure.NotFound, NotFound(response, where)),
            407 => new HubException(
                HubFailure.Network, $"{where}. The proxy wants a name and password: http://NAME:PASSWORD@HOST:PORT in HTTPS_PROXY or HTTP_PROXY."),
            429 => Busy(HubFailure.RateLimited, $"{where}. Too many requests", response, context),
            408 or 425 or >= 500 => Busy(HubFailure.ServerError, where, response, context),
            _ => new HubException(HubFailure.Protocol, $"{where}. An unexpected answer; is the endpoint a Hugging Face hub or a mirror of one?"),
        };
    }

    private static string AccessDenied(string where, HubRequestContext context)
    {
        string page = context.AccessPage is null ? "the model's page" : context.AccessPage.AbsoluteUri;
        string advice = context switch
        {
            { HasToken: false } => "set HF_TOKEN to an access token of an account that may read it",
            { TokenWasWithheld: true } => "HF_TOKEN was not sent, because the endpoint is not https; use an https endpoint",
            _ => "HF_TOKEN was sent and refused: check that it is valid and that its account may read the repository",
        };
        return $"{where}. The repository is gated or private, or does not exist. Accept its terms at {page}, then {advice}.";
    }

    private static string NotFound(HttpResponseMessage response, string where)
    {
        string what = ErrorCode(response) switch
        {
            "RepoNotFound" => "the hub has no such repository",
            "RevisionNotFound" => "the repository has no such revision",
            "EntryNotFound" => "the repository has no such file at this revision",
            _ => "no such repository, revision or file",
        };
        return $"{where}: {what}. Check HF_ENDPOINT and the revision.";
    }

    private static Exception Busy(HubFailure failure, string where, HttpResponseMessage response, HubRequestContext context)
    {
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow,
            _ => null,
        };
        if (wait > context.MaxRetryAfter)
        {
            return new HubException(
                failure,
                $"{where}. The server asks to wait {wait.Value.TotalSeconds:0} s, more than the {context.MaxRetryAfter.TotalSeconds:0} s that we wait. " +
                "Try again later; what has arrived is kept.");
        }

        return new TransientException(new HubException(failure, $"{where}. Try again later; what has arrived is kept."), wait < TimeSpan.Zero ? null : wait);
    }

    private static string? ErrorCode(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Error-Code", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static string ServerWords(HttpResponseMessage response)
    {
        string? text = response.Headers.TryGetValues("X-Error-Message", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        text ??= ErrorCode(response) ?? response.ReasonPhrase;
        if (string.IsNullOrWhiteSpace(text))
        {
            return "";
        }

        // The words are the server's: without control characters they can not drive a terminal.
        var clean = new StringBuilder(" (");
        foreach (char character in text.AsSpan(0, Math.Min(text.Length, MaxQuotedCharacters)))
        {
            clean.Append(char.IsControl(character) ? ' ' : character);
        }

        return clean.Append(')').ToString();
    }
}

namespace Clss.Embedder.Hub;

/// <summary>Which redirects are followed, and to whom the token is shown.</summary>
internal static class RedirectRules
{
    /// <summary>More than a renamed repository on a mirror in front of a content network needs.</summary>
    public const int MaxRedirects = 10;

    /// <summary>The target of a redirect.</summary>
    /// <exception cref="HubException">There is none, or it is not http(s), or it leaves https.</exception>
    public static Uri Target(Uri current, string? location)
    {
        if (string.IsNullOrWhiteSpace(location) || !Uri.TryCreate(current, location, out Uri? target))
        {
            throw new HubException(HubFailure.Redirect, $"{ShortUri(current)}: redirected without a usable target.");
        }

        if (target.Scheme is not ("http" or "https"))
        {
            throw new HubException(
                HubFailure.Redirect, $"{ShortUri(current)}: redirected to a {target.Scheme} address; only http and https are followed.");
        }

        if (current.Scheme == "https" && target.Scheme == "http")
        {
            throw new HubException(
                HubFailure.Redirect, $"{ShortUri(current)}: redirected from https to {ShortUri(target)}, which is not encrypted; refused.");
        }

        return target;
    }

    /// <summary>True when the token may be sent: the endpoint itself, over https or on this machine.</summary>
    public static bool MayReceiveToken(Uri target, Uri endpoint) =>
        IsSameServer(target, endpoint) && IsPrivate(endpoint);

    /// <summary>True when what is sent to this address can not be read on the way.</summary>
    public static bool IsPrivate(Uri address) => address.Scheme == "https" || address.IsLoopback;

    public static bool IsSameServer(Uri a, Uri b) =>
        a.Scheme == b.Scheme && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase) && a.Port == b.Port;

    /// <summary>An address for messages and journals: without user, query (signatures of content networks) and fragment.</summary>
    public static string ShortUri(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}

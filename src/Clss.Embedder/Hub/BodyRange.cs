using System.Net;
using System.Net.Http.Headers;

namespace Clss.Embedder.Hub;

/// <summary>Compares the range that was asked for with the one that comes.</summary>
internal static class BodyRange
{
    /// <summary>416 because every byte is here already.</summary>
    public static bool IsAlreadyComplete(HubResponse response, PartialFile partial, Expectation wanted) =>
        response.Message.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
        && response.Message.Content.Headers.ContentRange?.Length is { } length
        && length == partial.Length
        && (wanted.Size is null || wanted.Size == length);

    /// <summary>True when the body continues the partial file, false when it is the whole file.</summary>
    /// <exception cref="TransientException">It is neither; the partial file was emptied so that the next attempt asks for the whole.</exception>
    /// <exception cref="HubException">The body is compressed.</exception>
    public static bool Check(HubResponse response, PartialFile partial, Expectation wanted, string where)
    {
        HttpContentHeaders headers = response.Message.Content.Headers;
        if (headers.ContentEncoding.Any(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new HubException(
                HubFailure.Protocol,
                $"{where}: the answer is compressed ({string.Join(", ", headers.ContentEncoding)}) although we asked for plain bytes. " +
                "A proxy or mirror alters the file; use another.");
        }

        switch (response.Message.StatusCode)
        {
            case HttpStatusCode.OK:
                return false;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                throw Restart(partial, $"{where}: the server has no bytes after {partial.Length} (HTTP 416); starting again.");
            default:
                CheckContinuation(response, partial, wanted, where);
                return true;
        }
    }

    private static void CheckContinuation(HubResponse response, PartialFile partial, Expectation wanted, string where)
    {
        EntityTagHeaderValue? tag = response.Message.Headers.ETag;
        if (partial.Validator is { } validator && tag is { IsWeak: false } && tag.Tag != validator)
        {
            throw Restart(partial, $"{where}: the file changed (entity tag {tag.Tag}, before {validator}); starting again.");
        }

        ContentRangeHeaderValue? range = response.Message.Content.Headers.ContentRange;
        bool isRight = range is { Unit: "bytes", From: { } from, To: { } to }
            && partial.Length > 0
            && from == partial.Length
            && to >= from
            && (range.Length is null || wanted.Size is null || range.Length == wanted.Size)
            && (wanted.Size is null || to < wanted.Size);
        if (!isRight)
        {
            throw Restart(
                partial,
                $"{where}: asked for bytes from {partial.Length}, the server answers with '{range?.ToString() ?? "no Content-Range"}'; starting again.");
        }
    }

    private static TransientException Restart(PartialFile partial, string message)
    {
        partial.Reset();
        return TransientException.Create(HubFailure.Protocol, message);
    }
}

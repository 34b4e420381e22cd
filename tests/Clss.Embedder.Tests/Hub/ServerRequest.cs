namespace Clss.Embedder.Tests.Hub;

/// <summary>A request as it arrived.</summary>
internal sealed record ServerRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    /// <summary>The first byte of <c>Range: bytes=N-</c>, or null.</summary>
    public long? RangeFrom => this["Range"] is { } range && range.StartsWith("bytes=", StringComparison.Ordinal)
        ? long.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture)
        : null;
}

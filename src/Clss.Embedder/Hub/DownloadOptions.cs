using System.Net;

namespace Clss.Embedder.Hub;

/// <summary>How patient a download is.</summary>
public sealed record DownloadOptions
{
    /// <summary>Attempts in a row that bring nothing before the download gives up; at least 1.</summary>
    public int MaxAttempts { get; init; } = 6;

    /// <summary>The wait before the second attempt; it doubles up to <see cref="MaxBackoff"/>, with up to half of it added at random.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts that we choose ourselves.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a server may ask for with <c>Retry-After</c>; a longer one ends the download.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest time for a connection, TLS handshake included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest time without a byte, before the headers and within the body.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest file that is accepted, in bytes; 16 GiB unless told otherwise.</summary>
    public long MaxBytes { get; init; } = 16L << 30;

    /// <summary>
    /// The proxy, or null for the platform's: on Linux and macOS <c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>ALL_PROXY</c> and <c>NO_PROXY</c>.
    /// </summary>
    public IWebProxy? Proxy { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(FirstBackoff, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBackoff, FirstBackoff);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StallTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 1);
    }
}

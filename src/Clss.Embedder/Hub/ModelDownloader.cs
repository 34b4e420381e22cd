using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Clss.Embedder.Hub;

/// <summary>
/// Downloads one file from a Hugging Face hub or a mirror: resumes, retries, checks size and SHA-256, and gives the file its name only when it is
/// complete. Whatever goes wrong, what has arrived stays as <c>NAME.partial</c> and the next call goes on from there.
/// </summary>
public sealed class ModelDownloader : IDisposable
{
    private const int BufferBytes = 128 * 1024;

    // A file that changes on the hub while it is downloaded is begun again this often.
    private const int MaxRestarts = 2;

    private readonly HubSettings _settings;
    private readonly DownloadOptions _options;
    private readonly HubClient _client;

    /// <summary>Creates a downloader.</summary>
    /// <param name="settings">Endpoint, token and offline mode; the environment's when null.</param>
    /// <param name="options">Patience and limits; the defaults when null.</param>
    public ModelDownloader(HubSettings? settings = null, DownloadOptions? options = null)
    {
        _settings = settings ?? HubSettings.FromEnvironment();
        _options = options ?? new DownloadOptions();
        _client = new HubClient(_settings, _options);
    }

    /// <summary>Downloads a file, or finishes an interrupted download of it. A file that is already there and has the right hash is left alone.</summary>
    /// <exception cref="HubException">The file could not be had; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the next call resumes.</exception>
    public async Task<DownloadResult> DownloadAsync(
        DownloadRequest request, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_settings.Offline)
        {
            throw new HubException(
                HubFailure.Offline,
                $"{RedirectRules.ShortUri(request.Source)}: not downloaded, because the network is switched off (HF_HUB_OFFLINE or --offline).");
        }

        var wanted = new Expectation(request, _options);
        using PartialFile partial = PartialFile.Open(request.Destination);
        var retries = new RetryPolicy(_options);
        int requests = 0;
        int restarts = 0;
        while (true)
        {
            long before = partial.Length;
            try
            {
                if (!wanted.IsResolved)
                {
                    wanted.Resolve(await _client.GetMetadataAsync(request, cancellationToken).ConfigureAwait(false));
                    if (FindComplete(request, wanted, cancellationToken) is { } there)
                    {
                        return there;
                    }

                    partial.Resume(wanted.Identity, wanted.Size, cancellationToken);
                    before = partial.Length;
                    RequireSpace(request, wanted, partial);
                }

                progress?.Report(new DownloadProgress(partial.Length, wanted.Size));
                if (wanted.Size is null || partial.Length < wanted.Size)
                {
                    requests++;
                    await TransferAsync(request, wanted, partial, progress, cancellationToken).ConfigureAwait(false);
                }

                if (CheckHash(request, wanted, partial, progress))
                {
                    break;
                }
            }
            catch (ContentChangedException exception) when (restarts < MaxRestarts)
            {
                restarts++;
                partial.Reset();
                wanted.Forget();
                progress?.Report(new DownloadProgress(0, null, exception.Message));
                continue;
            }
            catch (ContentChangedException exception)
            {
                throw new HubException(HubFailure.Protocol, exception.Message + " It changed again and again; try later.", exception);
            }
            catch (TransientException exception)
            {
                TimeSpan wait = retries.AfterFailure(partial.Length - before, exception.RetryAfter)
                    ?? throw new HubException(
                        exception.Final.Failure, $"{exception.Message} Gave up after {retries.Failures} attempts; run again to go on.", exception.Final);
                progress?.Report(new DownloadProgress(
                    partial.Length, wanted.Size, $"{exception.Message} Attempt {retries.Failures + 1} of {_options.MaxAttempts} in {wait.TotalSeconds:0.0} s."));
                await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
            }
        }

        var result = new DownloadResult
        {
            Path = request.Destination,
            Size = partial.Length,
            Sha256 = partial.CurrentSha256(),
            Sha256Source = wanted.Sha256Source,
            Commit = wanted.Commit,
            ResumedFrom = partial.ResumedFrom,
            Attempts = requests,
        };
        partial.Complete();
        progress?.Report(new DownloadProgress(result.Size, result.Size));
        return result;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private async Task TransferAsync(
        DownloadRequest request, Expectation wanted, PartialFile partial, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using HubResponse response =
            await _client.GetBytesAsync(request, partial.Length, partial.Validator, cancellationToken).ConfigureAwait(false);
        string where = RedirectRules.ShortUri(response.Address);
        wanted.RequireSame(response.Metadata);
        if (BodyRange.IsAlreadyComplete(response, partial, wanted))
        {
            return;
        }

        bool continues = BodyRange.Check(response, partial, wanted, where);
        if (!continues && partial.Length > 0)
        {
            progress?.Report(new DownloadProgress(0, wanted.Size, $"{where}: the server sends the whole file again."));
            partial.Reset();
        }

        HttpContent content = response.Message.Content;
        // A 206 may end early; only its total is the file's size.
        wanted.TakeLength(continues ? content.Headers.ContentRange?.Length : content.Headers.ContentLength, where);
        RequireSpace(request, wanted, partial);
        EntityTagHeaderValue? tag = response.Message.Headers.ETag;
        partial.Announce(wanted.Identity, wanted.Size, tag is { IsWeak: false } ? tag.Tag : null);
        await CopyAsync(content, wanted, partial, where, progress, cancellationToken).ConfigureAwait(false);
        if (wanted.Size is { } size && partial.Length < size)
        {
            throw TransientException.Create(
                HubFailure.Network, $"{where}: the connection ended after {ByteCount.Format(partial.Length)} of {ByteCount.Format(size)}.");
        }
    }

    private async Task CopyAsync(
        HttpContent content, Expectation wanted, PartialFile partial, string where, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using Stream body = await content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            while (true)
            {
                patience.CancelAfter(_options.StallTimeout);
                int count = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                wanted.RequireRoom(partial.Length + count, where);
                partial.Append(buffer.AsSpan(0, count));
                progress?.Report(new DownloadProgress(partial.Length, wanted.Size));
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw TransientException.Create(
                HubFailure.Stalled,
                $"{where}: nothing arrived for {_options.StallTimeout.TotalSeconds:0.#} s, after {ByteCount.Format(partial.Length)}.",
                exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw TransientException.Create(
                HubFailure.Network, $"{where}: the connection broke after {ByteCount.Format(partial.Length)} ({exception.Message}).", exception);
        }
    }

    /// <summary>True when the hash is right or nobody knows it. False to begin again: the fault may lie in what an earlier run had left.</summary>
    private static bool CheckHash(DownloadRequest request, Expectation wanted, PartialFile partial, IProgress<DownloadProgress>? progress)
    {
        string found = partial.CurrentSha256();
        if (wanted.Sha256 is null || found == wanted.Sha256)
        {
            return true;
        }

        bool wasResumed = partial.ResumedFrom > 0;
        long size = partial.Length;
        partial.Reset();
        string what = $"{RedirectRules.ShortUri(request.Source)}: {ByteCount.Format(size)} arrived, but their SHA-256 is {found}, expected {wanted.Sha256} " +
            $"({wanted.HashOrigin}).";
        if (wasResumed)
        {
            progress?.Report(new DownloadProgress(0, wanted.Size, what + " Part of them was left by an earlier run; starting again."));
            return false;
        }

        throw new HubException(HubFailure.HashMismatch, what + " The file was damaged on the way or is another one; it was deleted.");
    }

    private static DownloadResult? FindComplete(DownloadRequest request, Expectation wanted, CancellationToken cancellationToken)
    {
        if (wanted.Sha256 is null || !File.Exists(request.Destination))
        {
            return null;
        }

        try
        {
            using FileStream stream = File.OpenRead(request.Destination);
            if (wanted.Size is { } size && stream.Length != size)
            {
                return null;
            }

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[BufferBytes];
            for (int count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
            }

            string found = Convert.ToHexStringLower(hash.GetHashAndReset());
            return found != wanted.Sha256
                ? null
                : new DownloadResult
                {
                    Path = request.Destination,
                    Size = stream.Length,
                    Sha256 = found,
                    Sha256Source = wanted.Sha256Source,
                    Commit = wanted.Commit,
                };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, request.Destination, "read");
        }
    }

    private static void RequireSpace(DownloadRequest request, Expectation wanted, PartialFile partial)
    {
        if (wanted.Size is { } size)
        {
            string directory = Path.GetDirectoryName(Path.GetFullPath(request.Destination))!;
            StorageErrors.RequireFreeSpace(directory, size - partial.Length, Path.GetFileName(request.Destination));
        }
    }
}

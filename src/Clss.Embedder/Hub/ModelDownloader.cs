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

        using PartialFile partial = PartialFile.Open(request.Destination);
        var state = new DownloadState(request, _options, partial, progress);
        while (true)
        {
            long before = partial.Length;
            try
            {
                if (await AttemptAsync(state, cancellationToken).ConfigureAwait(false) is { } result)
                {
                    return result;
                }
            }
            catch (ContentChangedException exception)
            {
                state.Restart(exception);
            }
            catch (TransientException exception)
            {
                await Task.Delay(state.WaitAfter(exception, partial.Length - before), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    /// <summary>Goes on until something fails; null to be called again.</summary>
    private async Task<DownloadResult?> AttemptAsync(DownloadState state, CancellationToken cancellationToken)
    {
        (Expectation wanted, PartialFile partial) = (state.Wanted, state.Partial);
        if (!wanted.IsResolved)
        {
            wanted.Resolve(await _client.GetMetadataAsync(state.Request, cancellationToken).ConfigureAwait(false));
            if (FindComplete(state, cancellationToken) is { } there)
            {
                return there;
            }

            partial.Resume(wanted.Identity, wanted.Size, cancellationToken);
            RequireSpace(state);
        }

        state.Report();
        if (wanted.Size is null || partial.Length < wanted.Size)
        {
            state.Attempts++;
            await TransferAsync(state, cancellationToken).ConfigureAwait(false);
        }

        if (!CheckHash(state))
        {
            return null;
        }

        DownloadResult result = Describe(state, partial.Length, partial.CurrentSha256());
        partial.Complete();
        state.Report();
        return result;
    }

    private async Task TransferAsync(DownloadState state, CancellationToken cancellationToken)
    {
        (Expectation wanted, PartialFile partial) = (state.Wanted, state.Partial);
        using HubResponse response =
            await _client.GetBytesAsync(state.Request, partial.Length, partial.Validator, cancellationToken).ConfigureAwait(false);
        string where = RedirectRules.ShortUri(response.Address);
        wanted.RequireSame(response.Metadata);
        if (BodyRange.IsAlreadyComplete(response, partial, wanted))
        {
            return;
        }

        bool continues = BodyRange.Check(response, partial, wanted, where);
        if (!continues && partial.Length > 0)
        {
            partial.Reset();
            state.Report($"{where}: the server sends the whole file again.");
        }

        HttpContent content = response.Message.Content;
        // A 206 may end early; only its total is the file's size.
        wanted.TakeLength(continues ? content.Headers.ContentRange?.Length : content.Headers.ContentLength, where);
        RequireSpace(state);
        EntityTagHeaderValue? tag = response.Message.Headers.ETag;
        partial.Announce(wanted.Identity, wanted.Size, tag is { IsWeak: false } ? tag.Tag : null);
        await CopyAsync(content, state, where, cancellationToken).ConfigureAwait(false);
        if (wanted.Size is { } size && partial.Length < size)
        {
            throw TransientException.Create(
                HubFailure.Network, $"{where}: the connection ended after {ByteCount.Format(partial.Length)} of {ByteCount.Format(size)}.");
        }
    }

    private async Task CopyAsync(HttpContent content, DownloadState state, string where, CancellationToken cancellationToken)
    {
        PartialFile partial = state.Partial;
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

                state.Wanted.RequireRoom(partial.Length + count, where);
                partial.Append(buffer.AsSpan(0, count));
                state.Report();
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
    private static bool CheckHash(DownloadState state)
    {
        (Expectation wanted, PartialFile partial) = (state.Wanted, state.Partial);
        string found = partial.CurrentSha256();
        if (wanted.Sha256 is null || found == wanted.Sha256)
        {
            return true;
        }

        bool wasResumed = partial.ResumedFrom > 0;
        long size = partial.Length;
        partial.Reset();
        string what = $"{RedirectRules.ShortUri(state.Request.Source)}: {ByteCount.Format(size)} arrived, but their SHA-256 is {found}, expected {wanted.Sha256} " +
            $"({wanted.HashOrigin}).";
        if (wasResumed)
        {
            state.Report(what + " Part of them was left by an earlier run; starting again.");
            return false;
        }

        throw new HubException(HubFailure.HashMismatch, what + " The file was damaged on the way or is another one; it was deleted.");
    }

    /// <summary>The file of an earlier download, when it has the expected hash.</summary>
    private static DownloadResult? FindComplete(DownloadState state, CancellationToken cancellationToken)
    {
        (Expectation wanted, string path) = (state.Wanted, state.Request.Destination);
        if (wanted.Sha256 is null || !File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
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
            return found == wanted.Sha256 ? Describe(state, stream.Length, found) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, path, "read");
        }
    }

    private static DownloadResult Describe(DownloadState state, long size, string sha256) => new()
    {
        Path = state.Request.Destination,
        Size = size,
        Sha256 = sha256,
        Sha256Source = state.Wanted.Sha256Source,
        Commit = state.Wanted.Commit,
        ResumedFrom = state.Partial.ResumedFrom,
        Attempts = state.Attempts,
    };

    private static void RequireSpace(DownloadState state)
    {
        if (state.Wanted.Size is { } size)
        {
            string path = Path.GetFullPath(state.Request.Destination);
            StorageErrors.RequireFreeSpace(Path.GetDirectoryName(path)!, size - state.Partial.Length, Path.GetFileName(path));
        }
    }
}

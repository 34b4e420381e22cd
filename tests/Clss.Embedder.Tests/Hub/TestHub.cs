using System.Security.Cryptography;
using Clss.Embedder.Hub;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

/// <summary>
/// A hub in miniature: HEAD and GET of the file's address answer with the linked headers and a redirect to a content server on another port,
/// which knows ranges. <see cref="OnHub"/> and <see cref="OnContent"/> take over a request where a test wants something else.
/// </summary>
internal sealed class TestHub : IDisposable
{
    private readonly TestServer _hub;
    private readonly TestServer _content;
    private readonly TemporaryFolder _folder = new();

    public TestHub(int bytes = 200_000)
    {
        Bytes = new byte[bytes];
        new Random(bytes).NextBytes(Bytes);
        _content = new TestServer(AnswerAsContentAsync);
        _hub = new TestServer(AnswerAsHubAsync);
    }

    public byte[] Bytes { get; set; }

    /// <summary>Further files by the end of their address; <see cref="Bytes"/> is served for every other one.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>The content server's entity tag, quotes included; null for none.</summary>
    public string? Etag { get; set; } = "\"content-1\"";

    /// <summary>Answers instead of the hub when it returns true; the number counts the hub's requests from 1.</summary>
    public Func<ServerRequest, ServerConnection, int, Task<bool>>? OnHub { get; set; }

    /// <summary>Answers instead of the content server when it returns true; the number counts the content server's requests from 1.</summary>
    public Func<ServerRequest, ServerConnection, int, Task<bool>>? OnContent { get; set; }

    public Uri Endpoint => _hub.Address;

    public Uri ContentAddress => _content.Address;

    public IReadOnlyList<ServerRequest> HubRequests => _hub.Requests;

    public IReadOnlyList<ServerRequest> ContentRequests => _content.Requests;

    public string Destination => _folder.File("downloads", "model.lckpt");

    public string PartialPath => Destination + ".partial";

    public string JournalPath => Destination + ".partial.json";

    public List<DownloadProgress> Progress { get; } = [];

    public string Notes => string.Join('\n', Progress.Select(progress => progress.Note).Where(note => note is not null));

    public string? Token { get; set; }

    /// <summary>Waits that tests can afford, patience that a busy machine does not exhaust.</summary>
    public DownloadOptions Options { get; set; } = new()
    {
        FirstBackoff = TimeSpan.FromMilliseconds(1),
        MaxBackoff = TimeSpan.FromMilliseconds(4),
        StallTimeout = TimeSpan.FromSeconds(20),
        MaxAttempts = 4,
    };

    public DownloadRequest Request => new()
    {
        Source = new Uri(Endpoint, "/owner/name/resolve/main/model.lckpt"),
        Destination = Destination,
        AccessPage = new Uri(Endpoint, "/owner/name"),
    };

    public async Task<DownloadResult> DownloadAsync(DownloadRequest? request = null, CancellationToken cancellationToken = default)
    {
        using var downloader = new ModelDownloader(new HubSettings { Endpoint = Endpoint, Token = Token }, Options);
        return await downloader.DownloadAsync(request ?? Request, new ProgressList(Progress), cancellationToken);
    }

    public async Task<HubException> FailAsync(HubFailure failure, DownloadRequest? request = null)
    {
        HubException exception = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(request));
        Assert.True(failure == exception.Failure, $"expected {failure}, found {exception.Failure}: {exception.Message}");
        Assert.False(File.Exists(Destination));
        return exception;
    }

    /// <summary>Downloads and compares every byte; nothing incomplete is left behind.</summary>
    public async Task<DownloadResult> SucceedAsync(DownloadRequest? request = null)
    {
        DownloadResult result = await DownloadAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(Bytes, await File.ReadAllBytesAsync(Destination, TestContext.Current.CancellationToken));
        Assert.Equal(Sha256, result.Sha256);
        Assert.Equal(Bytes.Length, result.Size);
        Assert.False(File.Exists(PartialPath));
        Assert.False(File.Exists(JournalPath));
        return result;
    }

    /// <summary>The ordinary answer of the content server.</summary>
    public async Task SendContentAsync(ServerRequest request, ServerConnection connection)
    {
        byte[] bytes = BytesOf(request);
        string[] tag = Etag is null ? [] : [$"ETag: {Etag}"];
        long from = request.RangeFrom ?? 0;
        bool isRange = request.RangeFrom is not null && (request["If-Range"] is null || request["If-Range"] == Etag);
        if (isRange && from >= bytes.Length)
        {
            await connection.SendEmptyAsync(416, [$"Content-Range: bytes */{bytes.Length}", .. tag]);
        }
        else if (isRange)
        {
            await connection.SendHeadAsync(
                206, [$"Content-Length: {bytes.Length - from}", $"Content-Range: bytes {from}-{bytes.Length - 1}/{bytes.Length}", .. tag]);
            await connection.SendAsync(bytes.AsMemory((int)from));
        }
        else
        {
            await connection.SendHeadAsync(200, [$"Content-Length: {bytes.Length}", .. tag]);
            await connection.SendAsync(bytes);
        }
    }

    /// <summary>The whole file's headers, then only some of its bytes.</summary>
    public async Task SendPartAsync(ServerConnection connection, int count)
    {
        await connection.SendHeadAsync(200, $"Content-Length: {Bytes.Length}", $"ETag: {Etag}");
        await connection.SendAsync(Bytes.AsMemory(0, count));
    }

    /// <summary>The headers with which the hub describes the file.</summary>
    public string[] LinkedHeaders(string? sha256 = null, long? size = null) =>
    [
        $"X-Linked-Etag: \"{sha256 ?? Sha256}\"",
        $"X-Linked-Size: {size ?? Bytes.Length}",
        "X-Repo-Commit: 0123456789abcdef0123456789abcdef01234567",
    ];

    public void Dispose()
    {
        _hub.Dispose();
        _content.Dispose();
        _folder.Dispose();
    }

    private async Task AnswerAsHubAsync(ServerRequest request, ServerConnection connection)
    {
        if (OnHub is not null && await OnHub(request, connection, HubRequests.Count))
        {
            return;
        }

        string? file = FileOf(request);
        string[] headers = file is null ? LinkedHeaders() : LinkedHeaders(Convert.ToHexStringLower(SHA256.HashData(Files[file])), Files[file].Length);
        await connection.SendEmptyAsync(302, [$"Location: {ContentAddress}blob{(file is null ? "" : "/" + file)}?signature=secret", .. headers]);
    }

    private string? FileOf(ServerRequest request) =>
        Files.Keys.FirstOrDefault(file => request.Target.Split('?')[0].EndsWith('/' + file, StringComparison.Ordinal));

    private byte[] BytesOf(ServerRequest request) => FileOf(request) is { } file ? Files[file] : Bytes;

    private async Task AnswerAsContentAsync(ServerRequest request, ServerConnection connection)
    {
        if (OnContent is not null && await OnContent(request, connection, ContentRequests.Count))
        {
            return;
        }

        await SendContentAsync(request, connection);
    }

    private sealed class ProgressList(List<DownloadProgress> reports) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => reports.Add(value);
    }
}

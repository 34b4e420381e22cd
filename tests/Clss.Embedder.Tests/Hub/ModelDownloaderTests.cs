using Clss.Embedder.Hub;

namespace Clss.Embedder.Tests.Hub;

/// <summary>Downloads that go well, and who is told what on the way.</summary>
public sealed class ModelDownloaderTests : IDisposable
{
    private readonly TestHub _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task DownloadAsync_LinkedFile_TakesHashSizeAndCommitFromTheHub()
    {
        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(HashSource.Hub, result.Sha256Source);
        Assert.Equal("0123456789abcdef0123456789abcdef01234567", result.Commit);
        Assert.Equal(1, result.Attempts);
        Assert.Equal(0, result.ResumedFrom);
        Assert.Equal(["HEAD", "GET"], _hub.HubRequests.Select(request => request.Method));
        Assert.All(_hub.ContentRequests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task DownloadAsync_EveryRequest_AsksForPlainBytesAndNamesTheProgram()
    {
        await _hub.SucceedAsync();

        Assert.All(_hub.HubRequests.Concat(_hub.ContentRequests), request =>
        {
            Assert.Equal("identity", request["Accept-Encoding"]);
            Assert.StartsWith("clss-net/", request["User-Agent"]);
            Assert.Null(request["Range"]);
        });
    }

    [Fact]
    public async Task DownloadAsync_Progress_GrowsToTheSize()
    {
        await _hub.SucceedAsync();

        Assert.Equal(_hub.Progress.Select(progress => progress.Bytes).Order(), _hub.Progress.Select(progress => progress.Bytes));
        Assert.Equal(new DownloadProgress(_hub.Bytes.Length, _hub.Bytes.Length), _hub.Progress[^1]);
    }

    [Fact]
    public async Task DownloadAsync_Token_IsSentToTheEndpointAndNotToTheContentServer()
    {
        _hub.Token = "hf_secret";
        await _hub.SucceedAsync();

        Assert.All(_hub.HubRequests, request => Assert.Equal("Bearer hf_secret", request["Authorization"]));
        Assert.NotEmpty(_hub.ContentRequests);
        Assert.All(_hub.ContentRequests, request => Assert.Null(request["Authorization"]));
        Assert.All(_hub.ContentRequests, request => Assert.DoesNotContain("hf_secret", string.Join(' ', request.Headers.Values)));
    }

    [Fact]
    public async Task DownloadAsync_RelativeRedirect_KeepsTheToken()
    {
        _hub.Token = "hf_secret";
        _hub.OnHub = async (request, connection, _) =>
        {
            if (request.Target.StartsWith("/owner/", StringComparison.Ordinal))
            {
                await connection.SendEmptyAsync(307, "Location: /renamed/name/resolve/main/model.lckpt");
                return true;
            }

            return false;
        };

        await _hub.SucceedAsync();

        Assert.Equal(4, _hub.HubRequests.Count);
        Assert.All(_hub.HubRequests, request => Assert.Equal("Bearer hf_secret", request["Authorization"]));
    }

    [Fact]
    public async Task DownloadAsync_SourceOnAnotherHostThanTheEndpoint_GetsNoToken()
    {
        _hub.Token = "hf_secret";
        await _hub.SucceedAsync(_hub.Request with { Source = new Uri(_hub.ContentAddress, "/blob") });

        Assert.Empty(_hub.HubRequests);
        Assert.All(_hub.ContentRequests, request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task DownloadAsync_PlainServerWithoutLinkedHeaders_ChecksTheSizeAndSaysThatNoHashIsKnown()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendHeadAsync(200, $"Content-Length: {_hub.Bytes.Length}", "ETag: W/\"plain\"");
            await connection.SendAsync(request.Method == "HEAD" ? [] : _hub.Bytes);
            return true;
        };

        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(HashSource.None, result.Sha256Source);
        Assert.Null(result.Commit);
    }

    [Fact]
    public async Task DownloadAsync_OrdinaryEntityTagOf64Digits_IsNotTakenForTheHash()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendHeadAsync(200, $"Content-Length: {_hub.Bytes.Length}", $"ETag: \"{new string('a', 64)}\"");
            await connection.SendAsync(request.Method == "HEAD" ? [] : _hub.Bytes);
            return true;
        };

        Assert.Equal(HashSource.None, (await _hub.SucceedAsync()).Sha256Source);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(501)]
    public async Task DownloadAsync_ServerWithoutHead_TakesTheBodysHeaders(int status)
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            if (request.Method == "HEAD")
            {
                await connection.SendEmptyAsync(status);
                return true;
            }

            return false;
        };

        await _hub.SucceedAsync(_hub.Request with { Sha256 = _hub.Sha256.ToUpperInvariant() });
    }

    [Fact]
    public async Task DownloadAsync_MirrorThatRedirectsToTheHub_TakesTheHubsHeaders()
    {
        using var mirror = new TestServer((request, connection) =>
            connection.SendEmptyAsync(308, $"Location: {_hub.Endpoint}owner/name/resolve/main/model.lckpt"));

        DownloadResult result = await _hub.SucceedAsync(_hub.Request with { Source = new Uri(mirror.Address, "/owner/name/resolve/main/model.lckpt") });

        Assert.Equal(HashSource.Hub, result.Sha256Source);
    }

    [Fact]
    public async Task DownloadAsync_NoLengthAnywhere_EndsWithTheBody()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendHeadAsync(200, "Transfer-Encoding: chunked");
            if (request.Method == "GET")
            {
                await connection.SendAsync($"{_hub.Bytes.Length:x}\r\n");
                await connection.SendAsync(_hub.Bytes);
                await connection.SendAsync("\r\n0\r\n\r\n");
            }

            return true;
        };

        Assert.Equal(HashSource.User, (await _hub.SucceedAsync(_hub.Request with { Sha256 = _hub.Sha256 })).Sha256Source);
    }

    [Fact]
    public async Task DownloadAsync_FileIsThereWithTheRightHash_IsLeftAlone()
    {
        await _hub.SucceedAsync();
        DateTime written = File.GetLastWriteTimeUtc(_hub.Destination);

        DownloadResult again = await _hub.SucceedAsync();

        Assert.Equal(0, again.Attempts);
        Assert.Single(_hub.ContentRequests);
        Assert.Equal(written, File.GetLastWriteTimeUtc(_hub.Destination));
    }

    [Fact]
    public async Task DownloadAsync_FileIsThereWithAnotherHash_IsReplaced()
    {
        await _hub.SucceedAsync();
        _hub.Bytes[1000] ^= 1;

        Assert.Equal(1, (await _hub.SucceedAsync()).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_EmptyFile_IsAFile()
    {
        _hub.Bytes = [];

        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", (await _hub.SucceedAsync()).Sha256);
    }

    [Fact]
    public async Task DownloadAsync_SlowDrip_IsPatientAsLongAsBytesCome()
    {
        using var slow = new TestHub(2_000);
        slow.Options = slow.Options with { StallTimeout = TimeSpan.FromSeconds(2) };
        slow.OnContent = async (_, connection, _) =>
        {
            await slow.SendPartAsync(connection, 0);
            for (int start = 0; start < slow.Bytes.Length; start += 100)
            {
                await connection.SendAsync(slow.Bytes.AsMemory(start, 100));
                await Task.Delay(20, connection.Stopped);
            }

            return true;
        };

        Assert.Equal(1, (await slow.SucceedAsync()).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_Offline_AsksNobody()
    {
        using var downloader = new ModelDownloader(new HubSettings { Endpoint = _hub.Endpoint, Offline = true }, _hub.Options);

        HubException exception = await Assert.ThrowsAsync<HubException>(
            () => downloader.DownloadAsync(_hub.Request, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(HubFailure.Offline, exception.Failure);
        Assert.Contains("HF_HUB_OFFLINE", exception.Message);
        Assert.Empty(_hub.HubRequests);
    }
}

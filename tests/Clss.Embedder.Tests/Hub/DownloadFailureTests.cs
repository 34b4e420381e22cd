using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Clss.Embedder.Hub;

namespace Clss.Embedder.Tests.Hub;

/// <summary>Downloads that can not succeed: the error is named, says what to do, and nothing wrong gets the file's name.</summary>
public sealed class DownloadFailureTests : IDisposable
{
    private readonly TestHub _hub = new();

    public void Dispose() => _hub.Dispose();

    [Theory]
    [InlineData(401, null, "set HF_TOKEN to an access token")]
    [InlineData(403, null, "set HF_TOKEN to an access token")]
    [InlineData(401, "hf_wrong", "HF_TOKEN was sent and refused")]
    [InlineData(403, "hf_wrong", "HF_TOKEN was sent and refused")]
    public async Task DownloadAsync_AccessDenied_SaysWhereToAskAndWhatToSet(int status, string? token, string advice)
    {
        _hub.Token = token;
        _hub.OnHub = Always(status, "X-Error-Code: GatedRepo", "X-Error-Message: Access to model owner/name is restricted.");

        HubException exception = await _hub.FailAsync(HubFailure.AccessDenied);

        Assert.Contains($"HTTP {status} (Access to model owner/name is restricted.)", exception.Message);
        Assert.Contains($"Accept its terms at {_hub.Endpoint}owner/name", exception.Message);
        Assert.Contains(advice, exception.Message);
        Assert.DoesNotContain("hf_wrong", exception.ToString());
        Assert.Single(_hub.HubRequests);
    }

    [Fact]
    public async Task DownloadAsync_ContentServerRefusesAnExpiredSignature_AsksTheHubAgain()
    {
        _hub.OnContent = async (_, connection, number) =>
        {
            if (number == 1)
            {
                await connection.SendEmptyAsync(403);
            }

            return number == 1;
        };

        await _hub.SucceedAsync();

        Assert.Equal(["HEAD", "GET", "GET"], _hub.HubRequests.Select(request => request.Method));
        Assert.DoesNotContain("signature", _hub.Notes);
    }

    [Theory]
    [InlineData("RepoNotFound", "the hub has no such repository")]
    [InlineData("RevisionNotFound", "the repository has no such revision")]
    [InlineData("EntryNotFound", "the repository has no such file")]
    [InlineData("Other", "no such repository, revision or file")]
    public async Task DownloadAsync_NotFound_SaysWhat(string code, string words)
    {
        _hub.OnHub = Always(404, $"X-Error-Code: {code}");

        HubException exception = await _hub.FailAsync(HubFailure.NotFound);

        Assert.Contains(words, exception.Message);
        Assert.Contains("/owner/name/resolve/main/model.lckpt", exception.Message);
        Assert.False(File.Exists(_hub.PartialPath));
    }

    [Fact]
    public async Task DownloadAsync_TooManyRequests_WaitsAsLongAsAsked()
    {
        _hub.OnHub = async (_, connection, number) =>
        {
            if (number == 1)
            {
                await connection.SendEmptyAsync(429, "Retry-After: 1");
            }

            return number == 1;
        };
        var clock = Stopwatch.StartNew();

        await _hub.SucceedAsync();

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(20));
        Assert.Contains("Too many requests", _hub.Notes);
    }

    [Theory]
    [InlineData(429, HubFailure.RateLimited)]
    [InlineData(503, HubFailure.ServerError)]
    public async Task DownloadAsync_RetryAfterBeyondOurPatience_GivesUpAtOnce(int status, HubFailure failure)
    {
        _hub.OnHub = Always(status, "Retry-After: 86400");

        Assert.Contains("asks to wait 86400 s, more than the 300 s", (await _hub.FailAsync(failure)).Message);
        Assert.Single(_hub.HubRequests);
    }

    [Fact]
    public async Task DownloadAsync_RetryAfterInThePast_IsNoWait()
    {
        _hub.OnHub = async (_, connection, number) =>
        {
            if (number <= 2)
            {
                await connection.SendEmptyAsync(503, "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT");
            }

            return number <= 2;
        };

        await _hub.SucceedAsync();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(504)]
    [InlineData(408)]
    public async Task DownloadAsync_ServerErrorEveryTime_IsRetriedAndNamed(int status)
    {
        _hub.OnHub = Always(status);

        HubException exception = await _hub.FailAsync(HubFailure.ServerError);

        Assert.Equal(4, _hub.HubRequests.Count);
        Assert.Contains($"HTTP {status}", exception.Message);
        Assert.Contains("Gave up after 4 attempts", exception.Message);
    }

    [Fact]
    public async Task DownloadAsync_ServerErrorInTheMiddle_Recovers()
    {
        _hub.OnContent = async (_, connection, number) =>
        {
            if (number <= 3)
            {
                await connection.SendEmptyAsync(500);
            }

            return number <= 3;
        };

        Assert.Equal(4, (await _hub.SucceedAsync()).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_UnexpectedStatus_IsNotRetried()
    {
        _hub.OnHub = Always(418);

        await _hub.FailAsync(HubFailure.Protocol);

        Assert.Single(_hub.HubRequests);
    }

    [Fact]
    public async Task DownloadAsync_ServerWordsWithControlCharacters_CanNotDriveTheTerminal()
    {
        _hub.OnHub = Always(404, $"X-Error-Message: \u001b[2J\u001b]0;title\u0007{new string('x', 1000)}");

        HubException exception = await _hub.FailAsync(HubFailure.NotFound);

        Assert.DoesNotContain('\u001b', exception.Message);
        Assert.DoesNotContain('\u0007', exception.Message);
        Assert.True(exception.Message.Length < 600, exception.Message);
    }

    [Fact]
    public async Task DownloadAsync_StallBeforeTheHeaders_IsNamed()
    {
        _hub.Options = _hub.Options with
        {
            StallTimeout = TimeSpan.FromMilliseconds(100),
            ConnectTimeout = TimeSpan.FromMilliseconds(200),
            MaxAttempts = 2,
        };
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.StallAsync();
            return true;
        };

        Assert.Contains("no answer within", (await _hub.FailAsync(HubFailure.Stalled)).Message);
    }

    [Fact]
    public async Task DownloadAsync_StallEveryTime_IsNamedAndKeepsWhatArrived()
    {
        _hub.Options = _hub.Options with { StallTimeout = TimeSpan.FromMilliseconds(200), MaxAttempts = 2 };
        _hub.OnContent = async (request, connection, number) =>
        {
            if (number == 1)
            {
                await _hub.SendPartAsync(connection, 50_000);
            }
            else
            {
                await connection.SendHeadAsync(206, "Content-Length: 150000", "Content-Range: bytes 50000-199999/200000", "ETag: \"content-1\"");
            }

            await connection.StallAsync();
            return true;
        };

        Assert.Contains("nothing arrived for 0.2 s", (await _hub.FailAsync(HubFailure.Stalled)).Message);
        Assert.Equal(50_000, new FileInfo(_hub.PartialPath).Length);
        Assert.True(File.Exists(_hub.JournalPath));
    }

    [Fact]
    public async Task DownloadAsync_FewBytesPerConnection_EndsInsteadOfGoingOnForEver()
    {
        _hub.OnContent = async (request, connection, _) =>
        {
            int from = (int)(request.RangeFrom ?? 0);
            string[] range = from == 0 ? [] : [$"Content-Range: bytes {from}-199999/200000"];
            await connection.SendHeadAsync(from == 0 ? 200 : 206, [$"Content-Length: {200_000 - from}", "ETag: \"content-1\"", .. range]);
            await connection.SendAsync(_hub.Bytes.AsMemory(from, 10));
            return true;
        };

        await _hub.FailAsync(HubFailure.Network);

        Assert.Equal(4, _hub.ContentRequests.Count);
        Assert.Equal(40, new FileInfo(_hub.PartialPath).Length);
    }

    [Fact]
    public async Task DownloadAsync_NobodyListens_IsANetworkError()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        HubException exception = await _hub.FailAsync(HubFailure.Network, _hub.Request with { Source = new Uri($"http://127.0.0.1:{port}/file") });

        Assert.Contains("no connection", exception.Message);
        Assert.Contains("HTTPS_PROXY", exception.Message);
    }

    [Fact]
    public async Task DownloadAsync_AnswerIsNotHttp_IsNamed()
    {
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendAsync("SSH-2.0-OpenSSH_9.9\r\n\r\n");
            return true;
        };

        Assert.Contains("is not HTTP", (await _hub.FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task DownloadAsync_HugeHeader_IsRefused()
    {
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\nX-Padding: ");
            for (int i = 0; i < 200; i++)
            {
                await connection.SendAsync(new string('x', 10_000));
            }

            return true;
        };

        Assert.Contains("headers are larger", (await _hub.FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task DownloadAsync_CompressedBody_IsRefused()
    {
        _hub.OnContent = async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(200, "Content-Encoding: gzip");
            return true;
        };

        Assert.Contains("compressed (gzip)", (await _hub.FailAsync(HubFailure.Protocol)).Message);
    }

    [Theory]
    [InlineData(199_999)]
    [InlineData(200_001)]
    public async Task DownloadAsync_BodysLengthIsNotTheAnnouncedSize_IsNamedBeforeTheBody(int length)
    {
        _hub.OnContent = async (_, connection, _) =>
        {
            await connection.SendHeadAsync(200, $"Content-Length: {length}");
            return true;
        };

        Assert.Contains($"sends {length} bytes where 200000 were announced", (await _hub.FailAsync(HubFailure.SizeMismatch)).Message);
    }

    [Fact]
    public async Task DownloadAsync_MoreBytesThanAnnounced_StopsThere()
    {
        _hub.OnContent = async (_, connection, _) =>
        {
            await connection.SendHeadAsync(200, "ETag: \"content-1\"");
            await connection.SendAsync(_hub.Bytes);
            await connection.SendAsync(new byte[1_000_000]);
            return true;
        };

        Assert.Contains("more bytes arrive than the 200000", (await _hub.FailAsync(HubFailure.SizeMismatch)).Message);
        Assert.InRange(new FileInfo(_hub.PartialPath).Length, 0, 200_000);
    }

    [Fact]
    public async Task DownloadAsync_AnnouncedSizeIsNotTheWantedOne_DownloadsNothing()
    {
        await _hub.FailAsync(HubFailure.SizeMismatch, _hub.Request with { Size = 7 });
        Assert.Empty(_hub.ContentRequests);
    }

    [Fact]
    public async Task DownloadAsync_AnnouncedHashIsNotTheWantedOne_DownloadsNothing()
    {
        await _hub.FailAsync(HubFailure.HashMismatch, _hub.Request with { Sha256 = new string('0', 64) });
        Assert.Empty(_hub.ContentRequests);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public async Task DownloadAsync_WantedHashIsNone_IsRefused(string sha256) =>
        Assert.Contains("is not a SHA-256", (await _hub.FailAsync(HubFailure.HashMismatch, _hub.Request with { Sha256 = sha256 })).Message);

    [Fact]
    public async Task DownloadAsync_BytesAreNotThoseOfTheHash_IsNamedAndDeleted()
    {
        string sha256 = _hub.Sha256;
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(302, [$"Location: {_hub.ContentAddress}blob", .. _hub.LinkedHeaders(sha256)]);
            return true;
        };
        _hub.Bytes[100_000] ^= 1;

        HubException exception = await _hub.FailAsync(HubFailure.HashMismatch);

        Assert.Contains($"their SHA-256 is {_hub.Sha256}, expected {sha256} (announced by the hub)", exception.Message);
        Assert.False(File.Exists(_hub.PartialPath));
    }

    [Fact]
    public async Task DownloadAsync_AnnouncedSizeAboveTheLimit_DownloadsNothing()
    {
        _hub.Options = _hub.Options with { MaxBytes = 100_000 };

        Assert.Contains("above the limit of 100.0 KB", (await _hub.FailAsync(HubFailure.TooLarge)).Message);
        Assert.Empty(_hub.ContentRequests);
    }

    [Fact]
    public async Task DownloadAsync_EndlessBodyWithoutSize_StopsAtTheLimit()
    {
        _hub.Options = _hub.Options with { MaxBytes = 300_000 };
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendHeadAsync(200);
            while (request.Method == "GET")
            {
                await connection.SendAsync(_hub.Bytes);
            }

            return true;
        };

        await _hub.FailAsync(HubFailure.TooLarge);

        Assert.InRange(new FileInfo(_hub.PartialPath).Length, 0, 300_000);
    }

    [Fact]
    public async Task DownloadAsync_MoreThanTheDiskHolds_IsRefusedBeforeTheBody()
    {
        _hub.Options = _hub.Options with { MaxBytes = long.MaxValue };
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(302, [$"Location: {_hub.ContentAddress}blob", .. _hub.LinkedHeaders(size: 1L << 60)]);
            return true;
        };

        HubException exception = await _hub.FailAsync(HubFailure.DiskFull);

        Assert.Contains("needs 1.2 EB, but only", exception.Message);
        Assert.Contains("CLSS_HOME", exception.Message);
        Assert.Empty(_hub.ContentRequests);
    }

    [Fact]
    public async Task DownloadAsync_DestinationCanNotBeWritten_IsNamed()
    {
        string file = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(_hub.Destination))!, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await _hub.FailAsync(HubFailure.Storage, _hub.Request with { Destination = Path.Combine(file, "model") });
    }

    [Theory]
    [InlineData("spaces inside")]
    [InlineData("líne")]
    [InlineData("a\u0001b")]
    public void Constructor_TokenWithImpossibleCharacters_IsRefusedWithoutShowingIt(string token)
    {
        HubException exception = Assert.Throws<HubException>(() => new ModelDownloader(new HubSettings { Token = token }));

        Assert.Equal(HubFailure.AccessDenied, exception.Failure);
        Assert.DoesNotContain(token, exception.Message);
    }

    private static Func<ServerRequest, ServerConnection, int, Task<bool>> Always(int status, params string[] headers) =>
        async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(status, headers);
            return true;
        };
}

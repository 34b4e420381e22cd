using Clss.Embedder.Hub;

namespace Clss.Embedder.Tests.Hub;

/// <summary>Interrupted downloads: what is taken over, what is begun again.</summary>
public sealed class DownloadResumeTests : IDisposable
{
    private const int Part = 120_000;

    private readonly TestHub _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task DownloadAsync_ConnectionCut_GoesOnWhereItStopped()
    {
        _hub.OnContent = FirstTime(connection => _hub.SendPartAsync(connection, Part));

        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(2, result.Attempts);
        Assert.Equal($"bytes={Part}-", _hub.ContentRequests[1]["Range"]);
        Assert.Equal("\"content-1\"", _hub.ContentRequests[1]["If-Range"]);
        Assert.Contains("Attempt 2 of 4", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_ConnectionReset_GoesOn()
    {
        _hub.OnContent = FirstTime(async connection =>
        {
            await _hub.SendPartAsync(connection, Part);
            await Task.Delay(50, connection.Stopped);
            connection.Reset();
        });

        Assert.Equal(2, (await _hub.SucceedAsync()).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_BodyEndsEarlyWithoutLength_GoesOn()
    {
        _hub.OnContent = FirstTime(async connection =>
        {
            // Without a length the end of the connection is a proper end; only the announced size tells.
            await connection.SendHeadAsync(200, "ETag: \"content-1\"");
            await connection.SendAsync(_hub.Bytes.AsMemory(0, Part));
        });

        Assert.Equal(2, (await _hub.SucceedAsync()).Attempts);
        Assert.Contains("ended after 120.0 KB of 200.0 KB", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_ShortRanges_AreAddedUp()
    {
        _hub.OnContent = async (request, connection, _) =>
        {
            int from = (int)(request.RangeFrom ?? 0);
            int count = Math.Min(70_000, _hub.Bytes.Length - from);
            if (from == 0)
            {
                await _hub.SendPartAsync(connection, count);
                return true;
            }

            await connection.SendHeadAsync(
                206, $"Content-Length: {count}", $"Content-Range: bytes {from}-{from + count - 1}/{_hub.Bytes.Length}", "ETag: \"content-1\"");
            await connection.SendAsync(_hub.Bytes.AsMemory(from, count));
            return true;
        };

        Assert.Equal(3, (await _hub.SucceedAsync()).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_Stall_IsGivenUpAndGoesOn()
    {
        _hub.Options = _hub.Options with { StallTimeout = TimeSpan.FromMilliseconds(300) };
        _hub.OnContent = FirstTime(async connection =>
        {
            await _hub.SendPartAsync(connection, Part);
            await connection.StallAsync();
        });

        await _hub.SucceedAsync();

        Assert.Contains("nothing arrived for 0.3 s", _hub.Notes);
        Assert.Equal($"bytes={Part}-", _hub.ContentRequests[1]["Range"]);
    }

    [Fact]
    public async Task DownloadAsync_ServerIgnoresTheRange_TakesTheWholeFile()
    {
        _hub.OnContent = async (request, connection, number) =>
        {
            await _hub.SendPartAsync(connection, number == 1 ? Part : _hub.Bytes.Length);
            return true;
        };

        await _hub.SucceedAsync();

        Assert.Contains("sends the whole file again", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_EntityTagChanged_IfRangeBringsTheWholeFile()
    {
        _hub.OnContent = FirstTime(async connection =>
        {
            await _hub.SendPartAsync(connection, Part);
            _hub.Etag = "\"content-2\"";
        });

        await _hub.SucceedAsync();

        Assert.Equal("\"content-1\"", _hub.ContentRequests[1]["If-Range"]);
        Assert.Contains("sends the whole file again", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_EntityTagChangedButServerIgnoresIfRange_StartsAgain()
    {
        _hub.OnContent = async (request, connection, number) =>
        {
            if (number == 1)
            {
                await _hub.SendPartAsync(connection, Part);
            }
            else if (number == 2)
            {
                await connection.SendHeadAsync(
                    206,
                    $"Content-Length: {_hub.Bytes.Length - Part}",
                    $"Content-Range: bytes {Part}-{_hub.Bytes.Length - 1}/{_hub.Bytes.Length}",
                    "ETag: \"content-2\"");
                await connection.SendAsync(new byte[_hub.Bytes.Length - Part]);
            }

            return number <= 2;
        };

        await _hub.SucceedAsync();

        Assert.Contains("entity tag \"content-2\", before \"content-1\"", _hub.Notes);
        Assert.Null(_hub.ContentRequests[2]["Range"]);
    }

    [Theory]
    [InlineData("Content-Range: bytes 0-199999/200000")]
    [InlineData("Content-Range: bytes 120001-199999/200000")]
    [InlineData("Content-Range: bytes 120000-199999/200001")]
    [InlineData("Content-Range: bytes 120000-200000/*")]
    [InlineData("Content-Range: lines 120000-199999/200000")]
    [InlineData("X-Nothing: 1")]
    public async Task DownloadAsync_WrongContentRange_StartsAgain(string contentRange)
    {
        _hub.OnContent = async (request, connection, number) =>
        {
            if (number == 1)
            {
                await _hub.SendPartAsync(connection, Part);
            }
            else if (number == 2)
            {
                await connection.SendHeadAsync(206, "Content-Length: 80000", contentRange, "ETag: \"content-1\"");
                await connection.SendAsync(new byte[80_000]);
            }

            return number <= 2;
        };

        await _hub.SucceedAsync();

        Assert.Contains($"asked for bytes from {Part}", _hub.Notes);
        Assert.Null(_hub.ContentRequests[2]["Range"]);
    }

    [Fact]
    public async Task DownloadAsync_RangeNotSatisfiable_StartsAgain()
    {
        _hub.OnContent = async (request, connection, number) =>
        {
            if (number == 1)
            {
                await _hub.SendPartAsync(connection, Part);
            }
            else if (number == 2)
            {
                await connection.SendEmptyAsync(416, "Content-Range: bytes */100");
            }

            return number <= 2;
        };

        await _hub.SucceedAsync();

        Assert.Contains("HTTP 416", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_RangeNotSatisfiableBecauseAllIsHere_IsComplete()
    {
        using var unsized = new TestHub();
        string sha256 = unsized.Sha256;
        // No size and no linked headers anywhere: only 416 can say that nothing is missing.
        unsized.OnHub = async (request, connection, _) =>
        {
            if (request.Method == "HEAD")
            {
                await connection.SendEmptyAsync(405);
            }
            else if (request.RangeFrom is null)
            {
                await connection.SendHeadAsync(200, "Transfer-Encoding: chunked", "ETag: \"content-1\"");
                await connection.SendAsync($"{unsized.Bytes.Length:x}\r\n");
                await connection.SendAsync(unsized.Bytes);
                await connection.SendAsync("\r\n");
            }
            else
            {
                await unsized.SendContentAsync(request, connection);
            }

            return true;
        };

        Assert.Equal(2, (await unsized.SucceedAsync(unsized.Request with { Sha256 = sha256 })).Attempts);
    }

    [Fact]
    public async Task DownloadAsync_Cancelled_LeavesWhatTheNextCallTakesOver()
    {
        using var cancel = new CancellationTokenSource();
        _hub.OnContent = FirstTime(async connection =>
        {
            await _hub.SendPartAsync(connection, Part);
            await Task.Delay(100, connection.Stopped);
            await cancel.CancelAsync();
            await connection.StallAsync();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _hub.DownloadAsync(cancellationToken: cancel.Token));
        Assert.Equal(Part, new FileInfo(_hub.PartialPath).Length);
        Assert.False(File.Exists(_hub.Destination));
        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(Part, result.ResumedFrom);
        Assert.Equal($"bytes={Part}-", _hub.ContentRequests[1]["Range"]);
    }

    [Fact]
    public async Task DownloadAsync_CompletePartialOfAnEarlierRun_NeedsNoBody()
    {
        await LeavePartialAsync(_hub.Bytes);

        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(0, result.Attempts);
        Assert.Equal(_hub.Bytes.Length, result.ResumedFrom);
        Assert.Single(_hub.ContentRequests);
    }

    [Fact]
    public async Task DownloadAsync_DamagedPartialOfAnEarlierRun_IsFoundByTheHashAndFetchedAgain()
    {
        byte[] damaged = _hub.Bytes[..Part];
        damaged[5] ^= 0x10;
        await LeavePartialAsync(damaged);

        await _hub.SucceedAsync();

        Assert.Contains("left by an earlier run; starting again", _hub.Notes);
        Assert.Null(_hub.ContentRequests[^1]["Range"]);
    }

    [Fact]
    public async Task DownloadAsync_PartialLongerThanTheFile_StartsAgain()
    {
        await LeavePartialAsync([.. _hub.Bytes, 1, 2, 3]);

        Assert.Equal(0, (await _hub.SucceedAsync()).ResumedFrom);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"clss-download\",\"version\":2,\"identity\":\"x\",\"size\":1,\"validator\":null}")]
    [InlineData("{\"format\":\"clss-download\",\"version\":1,\"identity\":7,\"size\":\"x\",\"validator\":null}")]
    public async Task DownloadAsync_UnusableJournal_StartsAgain(string journal)
    {
        await LeavePartialAsync(_hub.Bytes[..Part]);
        await File.WriteAllTextAsync(_hub.JournalPath, journal, TestContext.Current.CancellationToken);

        Assert.Equal(0, (await _hub.SucceedAsync()).ResumedFrom);
    }

    [Fact]
    public async Task DownloadAsync_PartialWithoutJournal_StartsAgain()
    {
        await LeavePartialAsync(_hub.Bytes[..Part]);
        File.Delete(_hub.JournalPath);

        Assert.Equal(0, (await _hub.SucceedAsync()).ResumedFrom);
    }

    [Fact]
    public async Task DownloadAsync_AnotherVersionOnTheHub_StartsAgain()
    {
        await LeavePartialAsync(_hub.Bytes[..Part]);
        _hub.Bytes[7] ^= 1;

        DownloadResult result = await _hub.SucceedAsync();

        Assert.Equal(0, result.ResumedFrom);
        Assert.Equal(2, _hub.ContentRequests.Count);
        Assert.Null(_hub.ContentRequests[^1]["Range"]);
    }

    [Fact]
    public async Task DownloadAsync_FileChangesBetweenHeadAndGet_AsksAgain()
    {
        _hub.OnHub = async (request, connection, number) =>
        {
            if (number == 1)
            {
                await connection.SendEmptyAsync(302, [$"Location: {_hub.ContentAddress}blob", .. _hub.LinkedHeaders(new string('a', 64))]);
                return true;
            }

            return false;
        };

        await _hub.SucceedAsync();

        Assert.Contains("changed on the hub", _hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_FileChangesEveryTime_EndsWithAnError()
    {
        int version = 0;
        _hub.OnHub = async (_, connection, _) =>
        {
            version++;
            await connection.SendEmptyAsync(302, [$"Location: {_hub.ContentAddress}blob", .. _hub.LinkedHeaders(version.ToString("x64", null))]);
            return true;
        };

        Assert.Contains("changed again and again", (await _hub.FailAsync(HubFailure.Protocol)).Message);
    }

    [Fact]
    public async Task DownloadAsync_ServerWithoutTagsAndHash_DoesNotResume()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendHeadAsync(200, $"Content-Length: {_hub.Bytes.Length}");
            await connection.SendAsync(request.Method == "HEAD" ? [] : _hub.Bytes);
            return true;
        };
        Directory.CreateDirectory(Path.GetDirectoryName(_hub.Destination)!);
        await File.WriteAllBytesAsync(_hub.PartialPath, _hub.Bytes[..Part], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            _hub.JournalPath,
            "{\"format\":\"clss-download\",\"version\":1,\"identity\":\"\",\"size\":200000,\"validator\":null}",
            TestContext.Current.CancellationToken);

        Assert.Equal(0, (await _hub.SucceedAsync()).ResumedFrom);
    }

    [Fact]
    public async Task DownloadAsync_PartialInUse_IsRefused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_hub.Destination)!);
        using FileStream other = new(_hub.PartialPath, FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        Assert.Contains("another process", (await _hub.FailAsync(HubFailure.Locked)).Message);
    }

    /// <summary>Interrupts a download and puts the given bytes where its own were.</summary>
    private async Task LeavePartialAsync(byte[] bytes)
    {
        using var cancel = new CancellationTokenSource();
        _hub.OnContent = FirstTime(async connection =>
        {
            await _hub.SendPartAsync(connection, Part);
            await Task.Delay(50, connection.Stopped);
            await cancel.CancelAsync();
            await connection.StallAsync();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _hub.DownloadAsync(cancellationToken: cancel.Token));
        Assert.True(File.Exists(_hub.JournalPath));
        await File.WriteAllBytesAsync(_hub.PartialPath, bytes, TestContext.Current.CancellationToken);
        _hub.Progress.Clear();
    }

    private static Func<ServerRequest, ServerConnection, int, Task<bool>> FirstTime(Func<ServerConnection, Task> answer) =>
        async (_, connection, number) =>
        {
            if (number == 1)
            {
                await answer(connection);
            }

            return number == 1;
        };
}

using Clss.Embedder.Hub;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

/// <summary>From a name of the catalogue to a model directory.</summary>
public sealed class ModelInstallTests : IDisposable
{
    private readonly TestHub _hub = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ModelStore _store;

    public ModelInstallTests()
    {
        _store = new ModelStore(_folder.File("home"));
        _hub.Bytes = File.ReadAllBytes(Repository.SharedPath("golden", "clss-tiny.lckpt"));
    }

    private string Downloads => Path.Combine(_store.Root, "downloads");

    private InstallOptions Options => new() { Settings = new HubSettings { Endpoint = _hub.Endpoint }, Download = _hub.Options };

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task InstallAsync_PublishedModel_BecomesAModelDirectoryWithItsSource()
    {
        InstalledModel model = await InstallAsync("clss-SUB");

        Assert.Equal("CLSS-sub", model.Name);
        Assert.Null(model.Problem);
        Assert.Equal(Path.Combine(_store.Root, "models", "CLSS-sub"), model.Path);
        Assert.Equal("CLSS-sub", ModelDirectory.Load(model.Path).Description.Name);
        Assert.StartsWith("sha256:", model.Fingerprint);
        Assert.Empty(ModelDirectory.Verify(model.Path));
        Assert.Equal(Directory.EnumerateFiles(model.Path, "*").Sum(path => new FileInfo(path).Length), model.Size);
        Assert.Equal($"{_hub.Endpoint}guyyanai/CLSS/resolve/main/CLSS-sub.lckpt", model.Origin!.Address);
        Assert.Equal("main", model.Origin.Revision);
        Assert.Equal("0123456789abcdef0123456789abcdef01234567", model.Origin.Commit);
        Assert.Equal(_hub.Sha256, model.Origin.Sha256);
        Assert.Equal(HashSource.Hub, model.Origin.Sha256Source);
        Assert.Equal(_hub.Bytes.Length, model.Origin.Size);
        Assert.Equal(model, Assert.Single(_store.List()));
        Assert.Equal(["CLSS-sub.lock"], Directory.EnumerateFileSystemEntries(Downloads).Select(Path.GetFileName));
        Assert.All(_hub.HubRequests, request => Assert.Equal("/guyyanai/CLSS/resolve/main/CLSS-sub.lckpt", request.Target));
    }

    [Fact]
    public async Task InstallAsync_InstalledAlready_AsksNobody()
    {
        InstalledModel first = await InstallAsync("CLSS-sub");
        int requests = _hub.HubRequests.Count;

        InstalledModel second = await InstallAsync("CLSS-sub", Options with { Settings = new HubSettings { Offline = true } });

        Assert.Equal(first, second);
        Assert.Equal(requests, _hub.HubRequests.Count);
    }

    [Fact]
    public async Task InstallAsync_OfflineAndNotInstalled_SaysSo() =>
        Assert.Equal(HubFailure.Offline, (await FailAsync("CLSS-sub", Options with { Settings = new HubSettings { Offline = true } })).Failure);

    [Fact]
    public async Task InstallAsync_DamagedInstallation_IsReplaced()
    {
        InstalledModel first = await InstallAsync("CLSS-sub");
        File.Delete(Path.Combine(first.Path, "model.json"));
        Assert.NotNull(_store.Find("CLSS-sub")!.Problem);

        Assert.Null((await InstallAsync("CLSS-sub")).Problem);
    }

    [Fact]
    public async Task Find_CutFile_IsAProblemWithTheFilesName()
    {
        InstalledModel model = await InstallAsync("CLSS-sub");
        string weights = Directory.EnumerateFiles(model.Path, "*.safetensors").First();
        await using (FileStream stream = File.OpenWrite(weights))
        {
            stream.SetLength(stream.Length - 1);
        }

        Assert.Contains($"{weights} has", _store.Find("CLSS-sub")!.Problem);
        File.Delete(weights);
        Assert.Contains($"{weights} is absent", _store.Find("CLSS-sub")!.Problem);
    }

    [Fact]
    public async Task InstallAsync_AnotherRevision_IsFetchedOnce()
    {
        await InstallAsync("CLSS-sub");

        InstalledModel tagged = await InstallAsync("CLSS-sub", Options with { Revision = "v2" });
        int requests = _hub.HubRequests.Count;
        await InstallAsync("CLSS-sub", Options with { Revision = "v2" });
        await InstallAsync("CLSS-sub", Options with { Revision = tagged.Origin!.Commit });

        Assert.Equal("v2", tagged.Origin.Revision);
        Assert.Equal("/guyyanai/CLSS/resolve/v2/CLSS-sub.lckpt", _hub.HubRequests[^1].Target);
        Assert.Equal(requests, _hub.HubRequests.Count);
    }

    [Fact]
    public async Task InstallAsync_KeepCheckpoint_LeavesItAndASecondTimeNeedsNoBody()
    {
        await InstallAsync("CLSS-sub", Options with { KeepCheckpoint = true });
        Assert.Equal(_hub.Bytes, await File.ReadAllBytesAsync(Path.Combine(Downloads, "CLSS-sub.lckpt"), TestContext.Current.CancellationToken));

        await InstallAsync("CLSS-sub", Options with { Replace = true });

        Assert.Single(_hub.ContentRequests);
    }

    [Fact]
    public async Task InstallAsync_WantedHashIsAnother_InstallsNothing()
    {
        HubException exception = await FailAsync("CLSS-sub", Options with { Sha256 = new string('0', 64) });

        Assert.Equal(HubFailure.HashMismatch, exception.Failure);
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task InstallAsync_WantedHashIsRight_IsRecordedAsTheUsers() =>
        Assert.Equal(HashSource.User, (await InstallAsync("CLSS-sub", Options with { Sha256 = _hub.Sha256 })).Origin!.Sha256Source);

    [Fact]
    public async Task InstallAsync_FileIsNoCheckpoint_SaysSoAndKeepsWhatWasThere()
    {
        InstalledModel first = await InstallAsync("CLSS-sub");
        _hub.Bytes = "<html>not a checkpoint</html>"u8.ToArray();

        HubException exception = await FailAsync("CLSS-sub", Options with { Replace = true });

        Assert.Equal(HubFailure.BadCheckpoint, exception.Failure);
        Assert.Contains("arrived intact", exception.Message);
        Assert.Equal(first, Assert.Single(_store.List()));
        Assert.Equal(["CLSS-sub"], Directory.EnumerateFileSystemEntries(Path.Combine(_store.Root, "models")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task InstallAsync_Cancelled_ResumesTheNextTime()
    {
        using var cancel = new CancellationTokenSource();
        _hub.OnContent = async (_, connection, number) =>
        {
            if (number == 1)
            {
                await _hub.SendPartAsync(connection, 100_000);
                await Task.Delay(50, connection.Stopped);
                await cancel.CancelAsync();
                await connection.StallAsync();
            }

            return number == 1;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.InstallAsync("CLSS-sub", Options, null, cancel.Token));
        Assert.Empty(_store.List());

        await InstallAsync("CLSS-sub");

        Assert.Equal("bytes=100000-", _hub.ContentRequests[^1]["Range"]);
    }

    [Fact]
    public async Task InstallAsync_TwoAtOnce_TheSecondIsRefused()
    {
        var reached = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _hub.OnContent = async (_, _, _) =>
        {
            reached.TrySetResult();
            await go.Task;
            return false;
        };
        Task<InstalledModel> first = InstallAsync("CLSS-sub");
        await reached.Task;

        HubException exception = await FailAsync("CLSS-sub", Options);
        HubException removal = Assert.Throws<HubException>(() =>
        {
            Directory.CreateDirectory(Path.Combine(_store.Root, "models", "CLSS-sub"));
            _store.Remove("CLSS-sub");
        });
        go.SetResult();

        Assert.Equal(HubFailure.Locked, exception.Failure);
        Assert.Equal(HubFailure.Locked, removal.Failure);
        Assert.Null((await first).Problem);
    }

    [Fact]
    public async Task InstallAsync_LeftoversOfAKilledProcess_AreCleanedUp()
    {
        string leftover = Path.Combine(_store.Root, "models", ".incoming-CLSS-sub");
        Directory.CreateDirectory(leftover);
        await File.WriteAllTextAsync(Path.Combine(leftover, "half"), "x", TestContext.Current.CancellationToken);

        InstalledModel model = await InstallAsync("CLSS-sub");

        Assert.False(Directory.Exists(leftover));
        Assert.False(File.Exists(Path.Combine(model.Path, "half")));
    }

    [Theory]
    [InlineData("clss-mini", "built in")]
    [InlineData("CLSS-huge", "Known models")]
    [InlineData("../../evil", "Known models")]
    public async Task InstallAsync_NameWithoutDownload_IsRefused(string name, string words)
    {
        Assert.Contains(words, (await FailAsync(name, Options)).Message);
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public async Task InstallAsync_WeightType_IsPassedOn()
    {
        InstalledModel wide = await InstallAsync("CLSS-sub");
        InstalledModel narrow = await InstallAsync("CLSS-full", Options with { WeightType = WeightType.Float16 });

        Assert.InRange(narrow.Size, wide.Size / 3, wide.Size * 2 / 3);
    }

    private Task<InstalledModel> InstallAsync(string name, InstallOptions? options = null) =>
        _store.InstallAsync(name, options ?? Options, null, TestContext.Current.CancellationToken);

    private async Task<HubException> FailAsync(string name, InstallOptions options) =>
        await Assert.ThrowsAsync<HubException>(() => InstallAsync(name, options));
}

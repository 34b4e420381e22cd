using System.Text.Json;
using Clss.Embedder.Hub;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

/// <summary>The weights of the structure tower: a licence first, then several files that are kept as they are.</summary>
public sealed class StructureInstallTests : IDisposable
{
    private const string Tower = "esm3_sm_open_v1.pth";
    private const string Encoder = "esm3_structure_encoder_v0.pth";

    private readonly TestHub _hub = new();
    private readonly TemporaryFolder _folder = new();
    private readonly ModelStore _store;

    public StructureInstallTests()
    {
        _store = new ModelStore(_folder.File("home"));
        _hub.Files[Tower] = File.ReadAllBytes(Repository.SharedPath("golden", "esm3-tiny", Tower));
        _hub.Files[Encoder] = File.ReadAllBytes(Repository.SharedPath("golden", "esm3-tiny", Encoder));
    }

    private string Downloads => Path.Combine(_store.Root, "downloads");

    private InstallOptions Accepted => new()
    {
        Settings = new HubSettings { Endpoint = _hub.Endpoint, Token = _hub.Token },
        Download = _hub.Options,
        LicenceAccepted = true,
    };

    private string Hashes => string.Join(',', new[] { Tower, Encoder }.Select(file => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_hub.Files[file]))));

    public void Dispose()
    {
        _hub.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task InstallAsync_LicenceNotAccepted_OpensNoConnectionAndCreatesNothing()
    {
        HubException exception = await FailAsync(HubFailure.LicenceNotAccepted, Accepted with { LicenceAccepted = false });

        Assert.Contains("Cambrian Non-Commercial", exception.Message);
        Assert.Contains("--accept-licence", exception.Message);
        Assert.Contains($"{_hub.Endpoint}EvolutionaryScale/esm3-sm-open-v1", exception.Message);
        Assert.Empty(_hub.HubRequests);
        Assert.Empty(_hub.ContentRequests);
        Assert.False(Directory.Exists(_store.Root));
    }

    [Fact]
    public async Task InstallAsync_TwoFiles_AreKeptAsPublishedWithTheirDimensions()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        InstalledModel model = await InstallAsync(Accepted);

        Assert.Equal(("structure", true, null, ""), (model.Name, model.IsStructureWeights, model.Problem, model.Fingerprint));
        Assert.Equal(["config.json", "download.json", Tower, Encoder], Directory.EnumerateFiles(model.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(_hub.Files[Tower], await File.ReadAllBytesAsync(Path.Combine(model.Path, Tower), TestContext.Current.CancellationToken));
        Assert.Equal(_hub.Files[Encoder], await File.ReadAllBytesAsync(Path.Combine(model.Path, Encoder), TestContext.Current.CancellationToken));
        JsonObjectReader config = JsonObjectReader.Parse(ByteSource.Open(Path.Combine(model.Path, "config.json")));
        Assert.Equal(new Esm3Config(1536, 24, 256, 48), StructureConfigJson.ReadTower(config));
        Assert.Equal(new StructureEncoderConfig(1024, 1, 128, 2, 128, 4096, 16), StructureConfigJson.ReadEncoder(config));

        ModelOrigin origin = model.Origin!;
        Assert.Equal(Hashes.Split(','), origin.Files.Select(file => file.Sha256));
        Assert.All(origin.Files, file => Assert.Equal(HashSource.Hub, file.Sha256Source));
        Assert.Equal(_hub.Files.Values.Sum(bytes => bytes.Length), origin.Size);
        Assert.Equal("0123456789abcdef0123456789abcdef01234567", origin.Commit);
        Assert.Equal("Cambrian Non-Commercial License Agreement", origin.Licence);
        Assert.InRange(origin.LicenceAccepted!.Value, before, origin.Installed);
        Assert.Equal(["structure.lock"], Directory.EnumerateFileSystemEntries(Downloads).Select(Path.GetFileName));
        Assert.Equal(2, _hub.ContentRequests.Count);
        using JsonDocument record = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(model.Path, "download.json"), TestContext.Current.CancellationToken));
        Assert.Equal(origin.LicenceAccepted, record.RootElement.GetProperty("licence").GetProperty("accepted").GetDateTimeOffset());
    }

    [Fact]
    public async Task InstalledStructure_SizeAndPlace_AreThoseOfItsFiles()
    {
        Assert.Null(_store.StructureDirectory);
        InstalledModel model = await InstallAsync(Accepted);

        Assert.Equal(new DirectoryInfo(model.Path).EnumerateFiles().Sum(file => file.Length), model.Size);
        InstalledModel listed = Assert.Single(_store.List());
        Assert.Equal((model.Name, model.Size, true), (listed.Name, listed.Size, listed.IsStructureWeights));
        Assert.Equal(model.Path, _store.StructureDirectory);
        Assert.Empty(ModelStore.Verify(model.Path));
        Assert.True(_store.Remove("Structure"));
        Assert.Null(_store.StructureDirectory);
    }

    [Fact]
    public async Task InstallAsync_InstalledAlready_AsksNobodyAndNeedsNoAcceptance()
    {
        await InstallAsync(Accepted);
        int requests = _hub.HubRequests.Count;

        InstalledModel again = await InstallAsync(Accepted with { LicenceAccepted = false, Settings = new HubSettings { Offline = true } });

        Assert.Null(again.Problem);
        Assert.Equal(requests, _hub.HubRequests.Count);
        await FailAsync(HubFailure.LicenceNotAccepted, Accepted with { LicenceAccepted = false, Replace = true });
        Assert.Equal(requests, _hub.HubRequests.Count);
    }

    [Fact]
    public async Task InstallAsync_SecondFileMissing_InstallsNothingAndKeepsTheFirst()
    {
        byte[] encoder = _hub.Files[Encoder];
        _hub.OnHub = async (request, connection, _) =>
        {
            bool isMissing = request.Target.EndsWith(Encoder, StringComparison.Ordinal);
            if (isMissing)
            {
                await connection.SendEmptyAsync(404, "X-Error-Code: EntryNotFound");
            }

            return isMissing;
        };

        HubException exception = await FailAsync(HubFailure.NotFound, Accepted);

        Assert.Contains(Encoder, exception.Message);
        Assert.Empty(_store.List());
        Assert.Null(_store.StructureDirectory);
        Assert.Equal(["structure-" + Tower, "structure.lock"], Directory.EnumerateFileSystemEntries(Downloads).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        _hub.OnHub = null;
        await InstallAsync(Accepted);
        Assert.Equal(["/blob/" + Tower, "/blob/" + Encoder], _hub.ContentRequests.Select(request => request.Target.Split('?')[0]));
        Assert.Equal(encoder.Length, new FileInfo(Path.Combine(_store.StructureDirectory!, Encoder)).Length);
    }

    [Theory]
    [InlineData(401, null, "then set HF_TOKEN to an access token")]
    [InlineData(403, "hf_other", "HF_TOKEN was sent and refused")]
    public async Task InstallAsync_Gated_NamesThePageAndTheToken(int status, string? token, string advice)
    {
        _hub.Token = token;
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(status, "X-Error-Code: GatedRepo");
            return true;
        };

        HubException exception = await FailAsync(HubFailure.AccessDenied, Accepted);

        Assert.Contains($"Accept its terms at {_hub.Endpoint}EvolutionaryScale/esm3-sm-open-v1", exception.Message);
        Assert.Contains(advice, exception.Message);
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task InstallAsync_RepositoryMoved_FollowsTheHubWithTheToken()
    {
        _hub.Token = "hf_mine";
        _hub.OnHub = async (request, connection, _) =>
        {
            bool isOldName = request.Target.StartsWith("/EvolutionaryScale/", StringComparison.Ordinal);
            if (isOldName)
            {
                await connection.SendEmptyAsync(307, $"Location: {request.Target.Replace("/EvolutionaryScale/", "/another/", StringComparison.Ordinal)}");
            }

            return isOldName;
        };

        Assert.Null((await InstallAsync(Accepted)).Problem);

        Assert.All(_hub.HubRequests, request => Assert.Equal("Bearer hf_mine", request["Authorization"]));
        Assert.All(_hub.ContentRequests, request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task InstallAsync_SecondFileInterrupted_GoesOnWithinIt()
    {
        using var cancel = new CancellationTokenSource();
        _hub.OnContent = async (request, connection, number) =>
        {
            if (number != 2)
            {
                return false;
            }

            byte[] bytes = _hub.Files[Encoder];
            await connection.SendHeadAsync(200, $"Content-Length: {bytes.Length}", $"ETag: {_hub.Etag}");
            await connection.SendAsync(bytes.AsMemory(0, 100_000));
            await Task.Delay(50, connection.Stopped);
            await cancel.CancelAsync();
            await connection.StallAsync();
            return true;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.InstallAsync("structure", Accepted, null, cancel.Token));
        Assert.Empty(_store.List());

        await InstallAsync(Accepted);

        Assert.Equal(3, _hub.ContentRequests.Count);
        Assert.Equal(("bytes=100000-", true), (_hub.ContentRequests[^1]["Range"], _hub.ContentRequests[^1].Target.StartsWith("/blob/" + Encoder, StringComparison.Ordinal)));
        Assert.Empty(ModelStore.Verify(_store.StructureDirectory!));
    }

    [Fact]
    public async Task InstallAsync_RepositoryChangesBetweenTheFiles_InstallsNothing()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            bool isSecond = request.Target.EndsWith(Encoder, StringComparison.Ordinal);
            if (isSecond)
            {
                string[] headers = _hub.LinkedHeaders(Hashes.Split(',')[1], _hub.Files[Encoder].Length);
                await connection.SendEmptyAsync(302, [$"Location: {_hub.ContentAddress}blob/{Encoder}", headers[0], headers[1], "X-Repo-Commit: fedcba"]);
            }

            return isSecond;
        };

        Assert.Contains("changed between", (await FailAsync(HubFailure.Protocol, Accepted)).Message);
        Assert.Empty(_store.List());
    }

    [Fact]
    public async Task InstallAsync_SecondFileIsNoCheckpoint_KeepsWhatWasThereAndWhatArrived()
    {
        InstalledModel first = await InstallAsync(Accepted);
        _hub.Files[Encoder] = "<html>not a checkpoint</html>"u8.ToArray();

        HubException exception = await FailAsync(HubFailure.BadCheckpoint, Accepted with { Replace = true });

        Assert.Contains(Encoder, exception.Message);
        Assert.Null(_store.Find("structure")!.Problem);
        Assert.Equal(first.Size, _store.Find("structure")!.Size);
        Assert.True(File.Exists(Path.Combine(Downloads, "structure-" + Tower)));
    }

    [Fact]
    public async Task InstallAsync_KilledBeforeTheFolderGotItsName_TakesTheFilesBack()
    {
        string moved = Path.Combine(_store.Root, "models", ".incoming-structure", "structure");
        Directory.CreateDirectory(moved);
        Directory.CreateDirectory(Downloads);
        await File.WriteAllBytesAsync(Path.Combine(moved, Tower), _hub.Files[Tower], TestContext.Current.CancellationToken);

        await InstallAsync(Accepted);

        Assert.Equal("/blob/" + Encoder, Assert.Single(_hub.ContentRequests).Target.Split('?')[0]);
        Assert.Empty(ModelStore.Verify(_store.StructureDirectory!));
    }

    [Fact]
    public async Task InstallAsync_HashesGiven_AreComparedFileByFile()
    {
        string[] hashes = Hashes.Split(',');
        await FailAsync(HubFailure.HashMismatch, Accepted with { Sha256 = hashes[0] });
        await FailAsync(HubFailure.HashMismatch, Accepted with { Sha256 = $"{hashes[1]},{hashes[0]}" });
        Assert.Empty(_hub.ContentRequests);

        InstalledModel model = await InstallAsync(Accepted with { Sha256 = Hashes.ToUpperInvariant() });

        Assert.All(model.Origin!.Files, file => Assert.Equal(HashSource.User, file.Sha256Source));
        int requests = _hub.HubRequests.Count;
        await InstallAsync(Accepted with { Sha256 = Hashes });
        Assert.Equal(requests, _hub.HubRequests.Count);
    }

    [Fact]
    public async Task Find_CutOrAbsentFile_IsAProblemThatTheNextInstallationRepairs()
    {
        InstalledModel model = await InstallAsync(Accepted);
        string encoder = Path.Combine(model.Path, Encoder);
        await using (FileStream stream = File.OpenWrite(encoder))
        {
            stream.SetLength(stream.Length - 1);
        }

        Assert.Contains($"{encoder} has", _store.Find("structure")!.Problem);
        Assert.Contains("clss models get structure", Assert.Throws<ClssEmbedderException>(() => _store.StructureDirectory).Message);
        File.Delete(encoder);
        Assert.Contains($"{encoder} is absent", Assert.Single(ModelStore.Verify(model.Path)));

        Assert.Null((await InstallAsync(Accepted)).Problem);
    }

    [Fact]
    public async Task Verify_ChangedByte_NamesTheFile()
    {
        InstalledModel model = await InstallAsync(Accepted);
        string tower = Path.Combine(model.Path, Tower);
        byte[] bytes = _hub.Files[Tower].ToArray();
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(tower, bytes, TestContext.Current.CancellationToken);

        Assert.Null(_store.Find("structure")!.Problem);
        Assert.Contains($"{tower} has the SHA-256", Assert.Single(ModelStore.Verify(model.Path)));
    }

    [Fact]
    public async Task StructureDirectory_FilesPutThereByHand_AreFound()
    {
        InstalledModel model = await InstallAsync(Accepted);
        File.Delete(Path.Combine(model.Path, "download.json"));

        Assert.Equal(model.Path, _store.StructureDirectory);
        Assert.Null(_store.Find("structure")!.Origin);
        Assert.Empty(ModelStore.Verify(model.Path));
    }

    [Theory]
    [InlineData("../config.json")]
    [InlineData("..")]
    [InlineData("")]
    public async Task Find_RecordLeadsOutOfTheFolder_IsRefused(string name)
    {
        InstalledModel model = await InstallAsync(Accepted);
        string record = Path.Combine(model.Path, "download.json");
        await File.WriteAllTextAsync(
            record, (await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken)).Replace($"\"{Encoder}\"", $"\"{name}\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Contains("download.json", _store.Find("structure")!.Problem);
        Assert.NotEmpty(ModelStore.Verify(model.Path));
    }

    private Task<InstalledModel> InstallAsync(InstallOptions options) =>
        _store.InstallAsync("structure", options, null, TestContext.Current.CancellationToken);

    private async Task<HubException> FailAsync(HubFailure failure, InstallOptions options)
    {
        HubException exception = await Assert.ThrowsAsync<HubException>(() => InstallAsync(options));
        Assert.True(failure == exception.Failure, $"expected {failure}, found {exception.Failure}: {exception.Message}");
        return exception;
    }
}

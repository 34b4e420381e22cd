using System.Text.Json.Nodes;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

public sealed class ModelDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    [InlineData("clss")]
    public void Import_Float32_KeepsFingerprintAndEveryNumber(string form)
    {
        string source = form == "clss" ? ModelFixture.ClssFolder(_folder) : ModelFixture.Checkpoint(_folder, legacy: form == "legacy");
        string target = _folder.File("imported");
        ModelManifest manifest = ModelImporter.Import(source, target);
        Assert.Empty(ModelDirectory.Verify(target));
        using ModelSource original = ModelSource.Open(source);
        using ModelSource imported = ModelSource.Open(target);
        Assert.Equal(ModelSourceKind.ModelDirectory, imported.Kind);
        Assert.Equal(original.Fingerprint, manifest.Fingerprint);
        Assert.Equal(original.Fingerprint, imported.Fingerprint);
        Assert.Equal(original.Description.SequenceTower, imported.Description.SequenceTower);
        Assert.Equal(original.Description.StructureTower, imported.Description.StructureTower);
        Assert.Equal(original.Description.Name, imported.Description.Name);
        Assert.Equal(Path.GetFileName(source), imported.Description.Provenance!.Source);
        Assert.Equal(64, imported.Description.Provenance.SourceSha256.Length);
        Assert.Equal(form == "clss", imported.HasFile("esm3.safetensors"));
        Assert.Contains("temperature", imported.Weights.Tensors.Keys);
        Assert.DoesNotContain(imported.Weights.Tensors.Keys, name => name.Contains("inv_freq", StringComparison.Ordinal));
        foreach (WeightInfo info in imported.Weights.Tensors.Values)
        {
            Assert.Equal(TorchFixture.Values(original.Weights, info.Name), TorchFixture.Values(imported.Weights, info.Name));
        }
    }

    [Fact]
    public void Import_ManifestOfOneReadBack_IsTheSame()
    {
        string target = _folder.File("imported");
        ModelManifest written = ModelImporter.Import(ModelFixture.ClssFolder(_folder), target);
        ModelManifest read = ModelDirectory.Load(target);
        Assert.Equal(written.Files, read.Files);
        Assert.Equal(written.Fingerprint, read.Fingerprint);
        DateTimeOffset seconds = read.Description.Provenance!.Created;
        Assert.Equal(written.Description, read.Description with { Provenance = written.Description.Provenance });
        Assert.Equal(seconds.ToUnixTimeSeconds(), written.Description.Provenance!.Created.ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData(WeightType.Float16)]
    [InlineData(WeightType.BFloat16)]
    public void Import_NarrowType_HasItsOwnFingerprintAndHalfTheBytes(WeightType type)
    {
        string source = ModelFixture.Checkpoint(_folder);
        ModelManifest wide = ModelImporter.Import(source, _folder.File("wide"));
        ModelManifest narrow = ModelImporter.Import(source, _folder.File("narrow"), type);
        Assert.Empty(ModelDirectory.Verify(_folder.File("narrow")));
        Assert.NotEqual(wide.Fingerprint, narrow.Fingerprint);
        Assert.True(narrow.Files[0].Bytes < wide.Files[0].Bytes);

        // Widening loses nothing, so the vectors stay the same and so does the fingerprint.
        ModelManifest again = ModelImporter.Import(_folder.File("narrow"), _folder.File("again"));
        Assert.Equal(narrow.Fingerprint, again.Fingerprint);
    }

    [Fact]
    public void Import_HuggingFace_HasNoAdapter()
    {
        ModelImporter.Import(ModelFixture.HuggingFace(_folder), _folder.File("imported"));
        using ModelSource model = ModelSource.Open(_folder.File("imported"));
        Assert.False(model.Description.HasSequenceAdapter);
        Assert.Equal("sequence_encoder.", model.SequencePrefix);
    }

    [Fact]
    public void Import_ExistingTarget_IsRefusedUnlessAskedFor()
    {
        string source = ModelFixture.Checkpoint(_folder);
        string target = _folder.File("imported");
        ModelImporter.Import(source, target);
        Assert.Contains("exists", Assert.Throws<WeightFormatException>(() => ModelImporter.Import(source, target)).Message, StringComparison.Ordinal);
        ModelManifest replaced = ModelImporter.Import(source, target, new ModelImportOptions { Replace = true, Name = "renamed" }, TestContext.Current.CancellationToken);
        Assert.Equal("renamed", replaced.Description.Name);
        Assert.Equal("renamed", ModelDirectory.Load(target).Description.Name);

        string precious = _folder.File("precious");
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Combine(precious, "thesis.txt"), "text");
        Assert.Throws<WeightFormatException>(() => ModelImporter.Import(source, precious, new ModelImportOptions { Replace = true }, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Path.Combine(precious, "thesis.txt")));
        Assert.Throws<WeightFormatException>(() => ModelImporter.Import(source, Path.Combine(precious, "thesis.txt")));
        AssertNothingLeftBehind();
    }

    [Fact]
    public void Import_DamagedSourceOrCancelled_LeavesNothingBehind()
    {
        string source = ModelFixture.Checkpoint(_folder);
        byte[] bytes = File.ReadAllBytes(source);
        bytes[bytes.AsSpan().IndexOf(ModelFixture.Checkpoint().Tensors[^2].Bytes)] ^= 1;
        string damaged = _folder.File("damaged.lckpt");
        File.WriteAllBytes(damaged, bytes);
        Assert.Equal("temperature", ModelFixture.Checkpoint().Tensors[^2].Name);
        Assert.Throws<WeightFormatException>(() => ModelImporter.Import(damaged, _folder.File("imported")));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ModelImporter.Import(source, _folder.File("imported"), new ModelImportOptions(), cancelled.Token));
        Assert.False(Directory.Exists(_folder.File("imported")));
        AssertNothingLeftBehind();
    }

    [Fact]
    public void Import_TypeOfWholeNumbers_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ModelImporter.Import(ModelFixture.Checkpoint(_folder), _folder.File("imported"), WeightType.Int32));

    [Fact]
    public void Verify_AnyChangedByte_IsNamed()
    {
        string target = _folder.File("imported");
        ModelImporter.Import(ModelFixture.ClssFolder(_folder), target);
        string structure = Path.Combine(target, "esm3.safetensors");
        byte[] bytes = File.ReadAllBytes(structure);
        bytes[^1] ^= 1;
        File.WriteAllBytes(structure, bytes);
        Assert.Contains(structure, Assert.Single(ModelDirectory.Verify(target)), StringComparison.Ordinal);

        File.WriteAllBytes(structure, bytes[..^1]);
        Assert.Contains($"has {bytes.Length - 1} bytes", Assert.Single(ModelDirectory.Verify(target)), StringComparison.Ordinal);

        File.Delete(structure);
        Assert.Contains("is absent", Assert.Single(ModelDirectory.Verify(target)), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_ForgedFingerprint_IsFound()
    {
        string target = _folder.File("imported");
        ModelManifest manifest = ModelImporter.Import(ModelFixture.Checkpoint(_folder), target);
        ModelDirectory.Save(target, manifest with { Fingerprint = "sha256:" + new string('0', 64) });
        Assert.Contains("fingerprint", Assert.Single(ModelDirectory.Verify(target)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "\"other\"", "expected \"clss-model\"")]
    [InlineData("version", "2", "version 2, this program reads version 1")]
    [InlineData("version", "\"1\"", "expected a whole number")]
    [InlineData("name", "null", "\"name\" is absent")]
    [InlineData("dimension", "0", "\"dimension\" is 0 with an adapter")]
    [InlineData("dimension", "5", "[5, 8]")]
    [InlineData("fingerprint", "\"md5:1\"", "64 hexadecimal digits")]
    [InlineData("weights", "\"other.safetensors\"", "does not list")]
    [InlineData("files", "[{\"name\":\"../../etc/passwd\",\"bytes\":1,\"sha256\":\"\"}]", "no plain file name")]
    [InlineData("files", "[{\"name\":\"..\",\"bytes\":1,\"sha256\":\"\"}]", "no plain file name")]
    [InlineData("files", "[1]", "expected an object")]
    [InlineData("files", "{}", "expected a list")]
    [InlineData("sequence_encoder", "[]", "expected an object")]
    [InlineData("provenance", "{\"source\":\"x\",\"tool\":\"y\",\"created\":\"yesterday\"}", "'yesterday'")]
    public void Open_ManifestThatLies_IsRefused(string name, string value, string expected)
    {
        string target = _folder.File("imported");
        ModelImporter.Import(ModelFixture.Checkpoint(_folder), target);
        string path = Path.Combine(target, "model.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json[name] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
        Assert.Contains(expected, Assert.Throws<WeightFormatException>(() => ModelSource.Open(target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UnknownFieldOfManifest_IsSkipped()
    {
        string target = _folder.File("imported");
        ModelImporter.Import(ModelFixture.Checkpoint(_folder), target);
        string path = Path.Combine(target, "model.json");
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json["later"] = new JsonObject { ["anything"] = 1 };
        File.WriteAllText(path, json.ToJsonString());
        using ModelSource model = ModelSource.Open(target);
        Assert.Equal("tiny", model.Description.Name);
    }

    [Fact]
    public void OpenBuiltIn_FromResources_IsWhatItsManifestSays()
    {
        using ModelSource model = ModelSource.OpenBuiltIn();
        Assert.Equal(ModelSourceKind.BuiltIn, model.Kind);
        Assert.True(model.Description.HasSequenceAdapter);
        Assert.Equal(ModelFingerprint.Compute(model.Description, model.Weights, model.SequencePrefix), model.Fingerprint);
        foreach (string file in (string[])["esm3.safetensors", "structure_encoder.safetensors"])
        {
            using WeightFile structure = model.OpenFile(file);
            Assert.NotEmpty(structure.Tensors);
        }

        Assert.Empty(ModelDirectory.Verify(Path.Combine(Repository.Root, "src", "Clss.Embedder", "BuiltIn", "clss-mini")));
    }

    [Fact]
    public void OpenBuiltIn_ComparedWithItsSource_HoldsTheSameNumbers()
    {
        using ModelSource source = ModelSource.Open(Repository.SharedPath("models", "clss-mini"));
        using ModelSource builtIn = ModelSource.OpenBuiltIn();
        string weights = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Repository.SharedPath("models", "clss-mini", source.WeightsFile))));
        Assert.SkipUnless(weights == builtIn.Description.Provenance!.SourceSha256, "The reference model was replaced since it was built in: run tools/refresh-builtin-model.sh on it.");
        Assert.Equal(source.Fingerprint, builtIn.Fingerprint);
        Assert.False(string.IsNullOrEmpty(builtIn.Description.Notice), "the built-in model must say what it is");
        Assert.Equal(
            source.Description with { Provenance = builtIn.Description.Provenance, Notice = builtIn.Description.Notice },
            builtIn.Description);
    }

    private void AssertNothingLeftBehind() =>
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), path => Path.GetFileName(path).StartsWith('.'));
}

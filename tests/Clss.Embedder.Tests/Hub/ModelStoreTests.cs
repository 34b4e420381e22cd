using Clss.Embedder.Hub;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

/// <summary>Names, places and listing.</summary>
public sealed class ModelStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DefaultRoot_Variables_InOrderOfPrecedence()
    {
        string cache = Path.Combine(Path.GetTempPath(), "cache");
        var variables = new Dictionary<string, string> { ["CLSS_HOME"] = "/models/here", ["XDG_CACHE_HOME"] = cache };

        Assert.Equal("/models/here", ModelStore.DefaultRoot(variables));
        variables["CLSS_HOME"] = " ";
        Assert.Equal(Path.Combine(cache, "clss"), ModelStore.DefaultRoot(variables));
        variables["XDG_CACHE_HOME"] = "relative";
        Assert.EndsWith(Path.DirectorySeparatorChar + "clss", ModelStore.DefaultRoot(variables), StringComparison.Ordinal);
        Assert.DoesNotContain("relative", ModelStore.DefaultRoot(variables));
    }

    [Theory]
    [InlineData("CLSS-sub")]
    [InlineData("a")]
    [InlineData("my_model.v2")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void CheckName_FitNames_AreReturned(string name) => Assert.Equal(name, ModelStore.CheckName(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/etc")]
    [InlineData("C:")]
    [InlineData(".hidden")]
    [InlineData("-option")]
    [InlineData("ends.")]
    [InlineData("ends ")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("naïve")]
    [InlineData("nul")]
    [InlineData("COM1.model")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void CheckName_AnythingElse_IsRefused(string name)
    {
        Assert.Equal(HubFailure.UnknownName, Assert.Throws<HubException>(() => ModelStore.CheckName(name)).Failure);
        Assert.Throws<HubException>(() => new ModelStore(_folder.Path).Find(name));
        Assert.Throws<HubException>(() => new ModelStore(_folder.Path).Remove(name));
    }

    [Fact]
    public void PathOf_FitName_IsInTheStore()
    {
        Assert.Equal(_folder.File("models", "mine"), new ModelStore(_folder.Path).PathOf("mine"));
        Assert.Throws<HubException>(() => new ModelStore(_folder.Path).PathOf("../mine"));
    }

    [Fact]
    public void List_NothingInstalled_IsEmptyAndCreatesNothing()
    {
        string root = _folder.File("store");

        Assert.Empty(new ModelStore(root).List());
        Assert.Null(new ModelStore(root).Find("CLSS-sub"));
        Assert.False(new ModelStore(root).Remove("CLSS-sub"));
        Assert.False(Directory.Exists(root));
    }

    [Fact]
    public void List_DamagedEntries_AreShownWithTheirProblem()
    {
        Directory.CreateDirectory(_folder.File("models", "empty"));
        Directory.CreateDirectory(_folder.File("models", "bad name"));
        Directory.CreateDirectory(_folder.File("models", ".incoming-half"));
        Directory.CreateDirectory(_folder.File("models", "noise"));
        _folder.Write(Path.Combine("models", "noise", "model.json"), "{ \"format\": 7");
        Directory.CreateDirectory(_folder.File("models", "source"));
        _folder.Write(Path.Combine("models", "source", "download.json"), "{}");
        _folder.Write(Path.Combine("models", "stray-file"), "");

        IReadOnlyList<InstalledModel> models = new ModelStore(_folder.Path).List();

        Assert.Equal(["bad name", "empty", "noise", "source"], models.Select(model => model.Name));
        Assert.All(models, model => Assert.False(string.IsNullOrEmpty(model.Problem)));
        Assert.Contains("download.json", models[3].Problem);
    }

    [Fact]
    public void Remove_InstalledModel_IsGone()
    {
        Directory.CreateDirectory(_folder.File("models", "mine"));
        _folder.Write(Path.Combine("models", "mine", "model.json"), "{}");
        var store = new ModelStore(_folder.Path);

        Assert.True(store.Remove("mine"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("models")));
        Assert.False(store.Remove("mine"));
    }
}

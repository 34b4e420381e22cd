using Clss.Embedder.Hub;

namespace Clss.Embedder.Tests.Hub;

public class ModelCatalogTests
{
    [Fact]
    public void All_NamesAreUniqueAndUsableAsFolders()
    {
        Assert.Equal(["clss-mini", "CLSS-sub", "CLSS-full"], ModelCatalog.All.Select(entry => entry.Name));
        Assert.All(ModelCatalog.All, entry => Assert.Equal(entry.Name, ModelStore.CheckName(entry.Name)));
    }

    [Theory]
    [InlineData("CLSS-sub", "https://huggingface.co/guyyanai/CLSS/resolve/main/CLSS-sub.lckpt")]
    [InlineData("clss-FULL", "https://huggingface.co/guyyanai/CLSS/resolve/main/CLSS-full.lckpt")]
    public void ResolveUri_PublishedModel_IsTheHubsAddress(string name, string expected) =>
        Assert.Equal(expected, ModelCatalog.Get(name).ResolveUri(HubSettings.DefaultEndpoint).AbsoluteUri);

    [Fact]
    public void ResolveUri_MirrorAndRevision_AreEscapedAsTheHubWantsThem()
    {
        var entry = new ModelCatalogEntry { Name = "x", Description = "", Repository = "owner/name", File = "sub folder/a#b.lckpt" };

        Assert.Equal(
            "https://mirror.example/hf/owner/name/resolve/refs%2Fpr%2F1/sub%20folder/a%23b.lckpt",
            entry.ResolveUri(new Uri("https://mirror.example/hf/"), "refs/pr/1").AbsoluteUri);
    }

    [Fact]
    public void ResolveUri_BuiltInModel_HasNone() =>
        Assert.Contains("built in", Assert.Throws<HubException>(() => ModelCatalog.Get("clss-mini").ResolveUri(HubSettings.DefaultEndpoint)).Message);

    [Fact]
    public void Get_UnknownName_ListsTheNames() =>
        Assert.Contains("clss-mini, CLSS-sub, CLSS-full", Assert.Throws<HubException>(() => ModelCatalog.Get("CLSS-big")).Message);
}

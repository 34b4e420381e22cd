using Clss.Embedder.Hub;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

public class ModelCatalogTests
{
    [Fact]
    public void All_NamesAreUniqueAndUsableAsFolders()
    {
        Assert.Equal(["clss-mini", "CLSS-sub", "CLSS-full", "structure"], ModelCatalog.All.Select(entry => entry.Name));
        Assert.All(ModelCatalog.All, entry => Assert.Equal(entry.Name, ModelStore.CheckName(entry.Name)));
    }

    [Theory]
    [InlineData("CLSS-sub", "https://huggingface.co/guyyanai/CLSS/resolve/main/CLSS-sub.lckpt")]
    [InlineData("clss-FULL", "https://huggingface.co/guyyanai/CLSS/resolve/main/CLSS-full.lckpt")]
    public void ResolveUri_PublishedModel_IsTheHubsAddress(string name, string expected) =>
        Assert.Equal(expected, ModelCatalog.Get(name).ResolveUri(HubSettings.DefaultEndpoint, ModelCatalog.Get(name).Files[0]).AbsoluteUri);

    [Fact]
    public void ResolveUri_MirrorAndRevision_AreEscapedAsTheHubWantsThem()
    {
        var entry = new ModelCatalogEntry { Name = "x", Description = "", Repository = "owner/name" };

        Assert.Equal(
            "https://mirror.example/hf/owner/name/resolve/refs%2Fpr%2F1/sub%20folder/a%23b.lckpt",
            entry.ResolveUri(new Uri("https://mirror.example/hf/"), new() { Path = "sub folder/a#b.lckpt" }, "refs/pr/1").AbsoluteUri);
    }

    [Fact]
    public void ResolveUri_BuiltInModel_HasNone() =>
        Assert.Contains("built in", Assert.Throws<HubException>(() => ModelCatalog.Get("clss-mini").ResolveUri(HubSettings.DefaultEndpoint, new() { Path = "x" })).Message);

    [Fact]
    public void Structure_FilesAndPage_AreThePublishedOnes()
    {
        ModelCatalogEntry entry = ModelCatalog.Get(ModelCatalog.StructureName);
        Assert.True(entry.IsStructureWeights);
        Assert.Equal(
            [
                "https://huggingface.co/EvolutionaryScale/esm3-sm-open-v1/resolve/main/data/weights/esm3_sm_open_v1.pth",
                "https://huggingface.co/EvolutionaryScale/esm3-sm-open-v1/resolve/main/data/weights/esm3_structure_encoder_v0.pth",
            ],
            entry.Files.Select(file => entry.ResolveUri(HubSettings.DefaultEndpoint, file).AbsoluteUri));
        Assert.Equal("https://huggingface.co/EvolutionaryScale/esm3-sm-open-v1", entry.PageUri(HubSettings.DefaultEndpoint).AbsoluteUri);
    }

    [Fact]
    public void ExplainLicence_Structure_SaysWhatAPersonMustKnow()
    {
        string text = ModelCatalog.Get(ModelCatalog.StructureName).ExplainLicence(HubSettings.DefaultEndpoint);
        foreach (string words in (string[])
            ["Cambrian Non-Commercial", "non-commercial use", "as a service", "Built with ESM", "HF_TOKEN", "https://huggingface.co/EvolutionaryScale/esm3-sm-open-v1", "not the licence", "current"])
        {
            Assert.Contains(words, text, StringComparison.Ordinal);
        }

        Assert.Empty(ModelCatalog.Get("CLSS-sub").ExplainLicence(HubSettings.DefaultEndpoint));
    }

    [Fact]
    public void StructureConfig_InTheDocumentation_IsTheOneWritten() =>
        Assert.Contains(
            StructureFiles.PublishedConfig.ReplaceLineEndings("\n").Trim(),
            File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md")).ReplaceLineEndings("\n"),
            StringComparison.Ordinal);

    [Fact]
    public void Get_UnknownName_ListsTheNames() =>
        Assert.Contains("clss-mini, CLSS-sub, CLSS-full, structure", Assert.Throws<HubException>(() => ModelCatalog.Get("CLSS-big")).Message);
}

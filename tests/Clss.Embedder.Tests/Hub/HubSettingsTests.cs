using Clss.Embedder.Hub;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

public sealed class HubSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FromEnvironment_Nothing_IsTheHubWithoutToken()
    {
        HubSettings settings = Read();

        Assert.Equal(new Uri("https://huggingface.co"), settings.Endpoint);
        Assert.Null(settings.Token);
        Assert.False(settings.Offline);
    }

    [Theory]
    [InlineData("https://mirror.example/hf/", "https://mirror.example/hf")]
    [InlineData(" http://127.0.0.1:8080 ", "http://127.0.0.1:8080")]
    public void FromEnvironment_Endpoint_IsTheMirror(string value, string expected) =>
        Assert.Equal(new Uri(expected), Read(("HF_ENDPOINT", value)).Endpoint);

    [Theory]
    [InlineData("mirror.example")]
    [InlineData("ftp://mirror.example")]
    [InlineData("/path")]
    public void FromEnvironment_EndpointIsNoAddress_IsRefused(string value) =>
        Assert.Contains($"HF_ENDPOINT is '{value}'", Assert.Throws<HubException>(() => Read(("HF_ENDPOINT", value))).Message);

    [Fact]
    public void FromEnvironment_Tokens_InOrderOfPrecedence()
    {
        string given = _folder.Write("given", "hf_given\n");
        string home = Directory.CreateDirectory(_folder.File("home", ".cache", "huggingface")).FullName;
        File.WriteAllText(Path.Combine(home, "token"), " hf_home \r\n");
        string xdg = Directory.CreateDirectory(_folder.File("xdg", "huggingface")).FullName;
        File.WriteAllText(Path.Combine(xdg, "token"), "hf_xdg");
        string hfHome = Directory.CreateDirectory(_folder.File("hf")).FullName;
        File.WriteAllText(Path.Combine(hfHome, "token"), "hf_hfhome");
        var all = new List<(string, string)>
        {
            ("HF_TOKEN", " hf_variable\n"), ("HUGGING_FACE_HUB_TOKEN", "hf_old"), ("HF_TOKEN_PATH", given), ("HF_HOME", hfHome),
            ("XDG_CACHE_HOME", _folder.File("xdg")), ("HOME", _folder.File("home")),
        };

        foreach (string expected in new[] { "hf_variable", "hf_old", "hf_given", "hf_hfhome", "hf_xdg", "hf_home" })
        {
            Assert.Equal(expected, Read([.. all]).Token);
            all.RemoveAt(0);
        }
    }

    [Fact]
    public void FromEnvironment_ImplicitTokenDisabled_LeavesTheFileAlone()
    {
        string path = _folder.Write("token", "hf_file");

        Assert.Null(Read(("HF_TOKEN_PATH", path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.Equal("hf_set", Read(("HF_TOKEN", "hf_set"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
    }

    [Theory]
    [InlineData("HF_TOKEN", "")]
    [InlineData("HF_TOKEN", " \n")]
    [InlineData("HF_TOKEN_PATH", "/nonexistent/token")]
    public void FromEnvironment_EmptyOrMissing_IsNoToken(string name, string value) => Assert.Null(Read((name, value)).Token);

    [Theory]
    [InlineData("HF_HUB_OFFLINE", "1", true)]
    [InlineData("HF_HUB_OFFLINE", "on", true)]
    [InlineData("HF_HUB_OFFLINE", "True", true)]
    [InlineData("HF_HUB_OFFLINE", "YES", true)]
    [InlineData("HF_HUB_OFFLINE", "0", false)]
    [InlineData("HF_HUB_OFFLINE", "false", false)]
    [InlineData("TRANSFORMERS_OFFLINE", "1", true)]
    public void FromEnvironment_Offline_AsHuggingFacesToolsSpellIt(string name, string value, bool expected) =>
        Assert.Equal(expected, Read((name, value)).Offline);

    [Fact]
    public void ToString_NeverShowsTheToken() =>
        Assert.DoesNotContain("hf_secret", new HubSettings { Token = "hf_secret" }.ToString());

    private static HubSettings Read(params (string Name, string Value)[] variables) =>
        HubSettings.FromEnvironment(variables.ToDictionary(variable => variable.Name, variable => variable.Value));
}

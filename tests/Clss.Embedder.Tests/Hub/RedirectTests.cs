using Clss.Embedder.Hub;

namespace Clss.Embedder.Tests.Hub;

public sealed class RedirectTests : IDisposable
{
    private readonly TestHub _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task DownloadAsync_RedirectToItself_IsACircle()
    {
        _hub.OnHub = async (request, connection, _) =>
        {
            await connection.SendEmptyAsync(302, $"Location: {request.Target}");
            return true;
        };

        Assert.Contains("circle", (await _hub.FailAsync(HubFailure.Redirect)).Message);
        Assert.Single(_hub.HubRequests);
    }

    [Fact]
    public async Task DownloadAsync_RedirectsWithoutEnd_StopAfterTen()
    {
        _hub.OnHub = async (_, connection, number) =>
        {
            await connection.SendEmptyAsync(301, $"Location: /{number}");
            return true;
        };

        Assert.Contains("more than 10 redirects", (await _hub.FailAsync(HubFailure.Redirect)).Message);
        Assert.Equal(11, _hub.HubRequests.Count);
    }

    [Theory]
    [InlineData("X-Nothing: 1", "without a usable target")]
    [InlineData("Location: http://", "without a usable target")]
    [InlineData("Location: file:///etc/passwd", "redirected to a file address")]
    [InlineData("Location: ftp://127.0.0.1/model", "redirected to a ftp address")]
    public async Task DownloadAsync_RedirectToNowhere_IsRefused(string location, string words)
    {
        _hub.OnHub = async (_, connection, _) =>
        {
            await connection.SendEmptyAsync(302, location);
            return true;
        };

        Assert.Contains(words, (await _hub.FailAsync(HubFailure.Redirect)).Message);
    }

    [Fact]
    public void Target_FromHttpsToHttp_IsRefused()
    {
        HubException exception = Assert.Throws<HubException>(
            () => RedirectRules.Target(new Uri("https://huggingface.co/a"), "http://cdn.example/b?signature=secret"));

        Assert.Contains("from https to http://cdn.example/b, which is not encrypted", exception.Message);
        Assert.DoesNotContain("secret", exception.Message);
    }

    [Theory]
    [InlineData("http://a.example/x/y", "z", "http://a.example/x/z")]
    [InlineData("http://a.example/x/y", "/z", "http://a.example/z")]
    [InlineData("http://a.example/x/y", "https://b.example/z", "https://b.example/z")]
    [InlineData("https://a.example/x/y", "//b.example/z", "https://b.example/z")]
    public void Target_RelativeAndAbsolute_FollowsTheRules(string current, string location, string expected) =>
        Assert.Equal(new Uri(expected), RedirectRules.Target(new Uri(current), location));

    [Theory]
    [InlineData("https://huggingface.co/a/b", true)]
    [InlineData("https://HUGGINGFACE.co:443/a/b", true)]
    [InlineData("https://huggingface.co:444/a/b", false)]
    [InlineData("http://huggingface.co/a/b", false)]
    [InlineData("https://cdn.huggingface.co/a/b", false)]
    [InlineData("https://huggingface.co.evil.example/a/b", false)]
    [InlineData("https://huggingface.co@evil.example/a/b", false)]
    public void MayReceiveToken_OnlyTheEndpointItself(string target, bool expected) =>
        Assert.Equal(expected, RedirectRules.MayReceiveToken(new Uri(target), HubSettings.DefaultEndpoint));

    [Theory]
    [InlineData("http://mirror.example", false)]
    [InlineData("https://mirror.example", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080", true)]
    public void MayReceiveToken_UnencryptedEndpoint_OnlyOnThisMachine(string endpoint, bool expected) =>
        Assert.Equal(expected, RedirectRules.MayReceiveToken(new Uri(endpoint + "/a"), new Uri(endpoint)));
}

using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Clss.Embedder.Hub;
using Clss.Testing;

namespace Clss.Embedder.Tests.Hub;

/// <summary>Proxies, certificates and full disks: what lies between the two ends.</summary>
public sealed class NetworkPathTests : IDisposable
{
    private const string ChildVariable = "CLSS_TEST_PROXIED_SOURCE";
    private const string ChildDestination = "CLSS_TEST_PROXIED_DESTINATION";

    private readonly TestHub _hub = new();

    public void Dispose() => _hub.Dispose();

    [Fact]
    public async Task DownloadAsync_UntrustedCertificate_IsNamedAndNotRetried()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var server = new TestServer((_, connection) => connection.SendEmptyAsync(200), certificate);

        HubException exception = await _hub.FailAsync(HubFailure.Tls, _hub.Request with { Source = new Uri(server.Address, "/file") });

        Assert.Contains("SSL_CERT_FILE", exception.Message);
        Assert.Empty(_hub.Notes);
    }

    [Fact]
    public async Task DownloadAsync_ProxyThatRefusesTheTunnel_IsNamed()
    {
        using var proxy = new TestServer((_, connection) => connection.SendEmptyAsync(502));
        _hub.Options = _hub.Options with { Proxy = new WebProxy(proxy.Address) };

        HubException exception = await _hub.FailAsync(HubFailure.Network, _hub.Request with { Source = new Uri("https://hub.invalid/file") });

        Assert.Contains("the proxy refuses", exception.Message);
        Assert.Equal("CONNECT", Assert.Single(proxy.Requests).Method);
    }

    [Fact]
    public async Task DownloadAsync_ProxyThatWantsAPassword_IsNamed()
    {
        using var proxy = new TestServer((_, connection) => connection.SendEmptyAsync(407, "Proxy-Authenticate: Basic realm=\"x\""));
        _hub.Options = _hub.Options with { Proxy = new WebProxy(proxy.Address) };

        HubException exception = await _hub.FailAsync(HubFailure.Network, _hub.Request with { Source = new Uri("http://hub.invalid/file") });

        Assert.Contains("wants a name and password", exception.Message);
    }

    /// <summary>The platform reads the proxy variables once per process, so each setting gets a process of its own.</summary>
    [Theory]
    [InlineData("http_proxy", null, true)]
    [InlineData("HTTP_PROXY", null, true)]
    [InlineData("ALL_PROXY", null, true)]
    [InlineData("HTTP_PROXY", "hub.invalid", false)]
    public async Task DownloadAsync_ProxyVariables_DecideTheWay(string variable, string? noProxy, bool isProxied)
    {
        using var folder = new TemporaryFolder();
        using var proxy = new TestServer(async (request, connection) =>
        {
            await connection.SendHeadAsync(200, "Content-Length: 5");
            await connection.SendAsync(request.Method == "HEAD" ? "" : "proxy");
        });
        string destination = folder.File("file");
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(NetworkPathTests).Assembly.Location] : [])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("--explicit");
        start.ArgumentList.Add("only");
        start.ArgumentList.Add("--filter-method");
        start.ArgumentList.Add($"{typeof(NetworkPathTests).FullName}.{nameof(DownloadAsync_InAChildProcess_GoesTheWayOfItsEnvironment)}");
        foreach (string name in new[] { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY" })
        {
            start.Environment.Remove(name);
        }

        start.Environment[variable] = proxy.Address.AbsoluteUri;
        start.Environment[ChildVariable] = "http://hub.invalid/file";
        start.Environment[ChildDestination] = destination;
        if (noProxy is not null)
        {
            start.Environment["NO_PROXY"] = noProxy;
        }

        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(isProxied == (child.ExitCode == 0), await output);
        Assert.Equal(isProxied, File.Exists(destination));
        Assert.Equal(isProxied ? ["HEAD http://hub.invalid/file", "GET http://hub.invalid/file"] : [], proxy.Requests.Select(r => $"{r.Method} {r.Target}"));
    }

    [Fact(Explicit = true)]
    public async Task DownloadAsync_InAChildProcess_GoesTheWayOfItsEnvironment()
    {
        string? source = Environment.GetEnvironmentVariable(ChildVariable);
        Assert.SkipWhen(source is null, "Runs in the child process of the proxy tests.");
        using var downloader = new ModelDownloader(new HubSettings(), new DownloadOptions { MaxAttempts = 1 });

        DownloadResult result = await downloader.DownloadAsync(
            new DownloadRequest { Source = new Uri(source), Destination = Environment.GetEnvironmentVariable(ChildDestination)! },
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5, result.Size);
    }

    [Fact]
    public async Task DownloadAsync_DiskFillsUp_KeepsThePartAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder.Path), "No right to mount a small disk.");
        try
        {
            // Without a size the free space can not be compared before: the disk fills while bytes arrive.
            _hub.OnHub = async (request, connection, _) =>
            {
                await connection.SendHeadAsync(200, "ETag: \"content-1\"");
                await connection.SendAsync(request.Method == "HEAD" ? [] : _hub.Bytes);
                return true;
            };

            HubException exception = await _hub.FailAsync(HubFailure.DiskFull, _hub.Request with { Destination = folder.File("model.lckpt") });

            Assert.Contains("the disk is full. What has arrived is kept", exception.Message);
            Assert.InRange(new FileInfo(folder.File("model.lckpt.partial")).Length, 60_000, 131_072);
        }
        finally
        {
            Assert.True(Run("umount", folder.Path));
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

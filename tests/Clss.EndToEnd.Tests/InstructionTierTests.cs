using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

/// <summary>
/// Runs the tests of kernels and search (<c>[Trait("Tier", "any")]</c>) again on every instruction tier below the widest, each in a process whose
/// environment switches the wider ones off. The tests see the tier by name in <c>CLSS_EXPECT_TIER</c>.
/// </summary>
public partial class InstructionTierTests
{
    private const string ExpectedTierVariable = "CLSS_EXPECT_TIER";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The tier that is left, and the switch that leaves it. <c>DOTNET_EnableAVX512F</c>, the name until .NET 9, is ignored by .NET 10.</summary>
    public static TheoryData<string, string> Tiers => new()
    {
        { "avx2", "DOTNET_EnableAVX512" },
        { "vector128", "DOTNET_EnableAVX2" },
        { "scalar", "DOTNET_EnableHWIntrinsic" },
    };

    [Theory]
    [MemberData(nameof(Tiers))]
    public async Task Switch_OfATier_IsInForce(string tier, string variable)
    {
        SkipUnlessReachable(tier);
        string own = typeof(InstructionTierTests).Assembly.Location;
        string probe = $"{typeof(InstructionTierTests).FullName}.{nameof(Probe_InAProcessOfItsTier_FindsItself)}";

        (int exitCode, string output) = await RunAsync(own, tier, variable, "--explicit", "only", "--filter-method", probe);

        Assert.True(exitCode == 0, output);
        Assert.Equal(1, Total(output));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public Task IndexTests_OnATier_Pass(string tier, string variable) => PassAsync("Clss.Index.Tests", tier, variable);

    [Theory]
    [MemberData(nameof(Tiers))]
    public Task EmbedderTests_OnATier_Pass(string tier, string variable) => PassAsync("Clss.Embedder.Tests", tier, variable);

    /// <summary>Started by <see cref="Switch_OfATier_IsInForce"/> only.</summary>
    [Fact(Explicit = true)]
    public void Probe_InAProcessOfItsTier_FindsItself() => Assert.Equal(Environment.GetEnvironmentVariable(ExpectedTierVariable), WidestTier());

    private static async Task PassAsync(string project, string tier, string variable)
    {
        SkipUnlessReachable(tier);

        (int exitCode, string output) = await RunAsync(BuiltTests(project), tier, variable, "--filter-trait", "Tier=any");

        Assert.True(exitCode == 0, output);
        int total = Total(output);
        Assert.True(total > 0, output);
        TestContext.Current.SendDiagnosticMessage($"{project} on {tier}: {total} tests");
    }

    /// <summary>Without switches off, some processors offer less: there the tests have run on their tier already.</summary>
    private static void SkipUnlessReachable(string tier) =>
        Assert.SkipUnless(tier != "avx2" || Vector256.IsHardwareAccelerated, $"This processor has no tier '{tier}'.");

    private static string WidestTier() =>
        Vector512.IsHardwareAccelerated ? "avx512"
        : Vector256.IsHardwareAccelerated ? "avx2"
        : Vector128.IsHardwareAccelerated ? "vector128"
        : "scalar";

    /// <summary>The built tests of another project, in the configuration of this one.</summary>
    private static string BuiltTests(string project)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        string path = Path.Combine(Repository.Root, "tests", project, "bin", framework.Parent!.Name, framework.Name, project + ".dll");
        Assert.True(File.Exists(path), $"{path} is not built.");
        return path;
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string tests, string tier, string variable, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [tests, "--results-directory", folder.Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A switch inherited from outside would leave another tier than the one named.
        foreach (string each in start.Environment.Keys.Where(each => each.StartsWith("DOTNET_Enable", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(each);
        }

        start.Environment[variable] = "0";
        start.Environment[ExpectedTierVariable] = tier;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, await output + await error);
    }

    private static int Total(string output) =>
        TotalLine().Match(output) is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\s*total: (\d+)", RegexOptions.Multiline)]
    private static partial Regex TotalLine();
}

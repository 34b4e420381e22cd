using System.Diagnostics;
using System.Globalization;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>What a search through the cells of one collection finds does not depend on the instructions of the processor, in no mode.</summary>
public sealed class CellTierTests : IDisposable
{
    private const string DirectoryVariable = "CLSS_TIER_COLLECTION";
    private const string ResultVariable = "CLSS_TIER_RESULT";
    private const int Dimension = 32;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Search_OnEveryTier_FindsTheSame()
    {
        string directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(directory, CellData.Options(Dimension)))
        {
            collection.Upsert(CellData.Entries("clusters", 3000, Dimension, 1));
            collection.Upsert(CellData.Entries("near ties", 700, Dimension, 2, "ties"));
            collection.Compact();
            collection.Delete("row10");
            collection.Commit();
        }

        string[] expected = Results(directory);
        string[] results = await Task.WhenAll(((string[])["DOTNET_EnableAVX512", "DOTNET_EnableAVX2", "DOTNET_EnableHWIntrinsic"]).Select(name => RunAsync(directory, name)));
        Assert.All(results, result => Assert.Equal(expected, File.ReadAllLines(result)));
    }

    /// <summary>Started by <see cref="Search_OnEveryTier_FindsTheSame"/> only.</summary>
    [Fact(Explicit = true)]
    public void Probe_OnATier_WritesItsResults() =>
        File.WriteAllLines(Environment.GetEnvironmentVariable(ResultVariable)!, Results(Environment.GetEnvironmentVariable(DirectoryVariable)!));

    private static string[] Results(string directory)
    {
        using VectorCollection collection = VectorCollection.Open(directory);
        List<string> lines = [];
        foreach (SearchOptions options in (SearchOptions[])[new() { K = 10, Exact = true }, new() { K = 10 }, new() { K = 10, Recall = 0.9 }, new() { K = 10, Recall = 0 }, new() { K = 10, Probes = 3 }])
        {
            for (int i = 0; i < 40; i++)
            {
                float[] query = i % 2 == 0 ? Samples.Unit(i, Dimension) : CellData.Vector("clusters", i, Dimension, 6);
                lines.Add(string.Join(' ', CellData.Search(collection, query, options).Select(neighbor =>
                    string.Create(CultureInfo.InvariantCulture, $"{neighbor.Ordinal}:{BitConverter.SingleToInt32Bits(neighbor.Similarity):x8}"))));
            }
        }

        return [.. lines];
    }

    private async Task<string> RunAsync(string directory, string variable)
    {
        string result = _folder.File(variable);
        string probe = $"{typeof(CellTierTests).FullName}.{nameof(Probe_OnATier_WritesItsResults)}";
        var start = new ProcessStartInfo("dotnet", [typeof(CellTierTests).Assembly.Location, "--results-directory", _folder.Path, "--explicit", "only", "--filter-method", probe])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[variable] = "0";
        start.Environment[DirectoryVariable] = directory;
        start.Environment[ResultVariable] = result;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return result;
    }
}

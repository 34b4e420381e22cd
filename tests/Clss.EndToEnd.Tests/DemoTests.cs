using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public class DemoTests
{
    [Fact]
    public void Demo_ShowsATable_AndKeepsWhatItBuilt()
    {
        using var folder = new TemporaryFolder();
        ClssProcess.Outcome outcome = ClssProcess.Run(folder, "demo", "--keep", "kept").ShouldSucceed();
        Assert.Contains("similarity", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Rossmann-like", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("clss easy-search", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("clss-mini", outcome.Output, StringComparison.Ordinal);

        // What it kept is what its last lines say to type.
        ClssProcess.Run(folder, "search", "kept/queries.fasta", "kept/domains", "again.tsv", "-k", "5").ShouldSucceed();
        Assert.Equal(File.ReadAllText(folder.File("kept", "hits.tsv")), File.ReadAllText(folder.File("again.tsv")));
        ClssProcess.Run(folder, "db", "verify", "kept/domains").ShouldSucceed();
    }
}

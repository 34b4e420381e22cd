using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Clss.Cli;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

public partial class ReadmeTests
{
    private static string Readme { get; } = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void LibrarySample_IsTheExampleProgram()
    {
        string program = File.ReadAllText(Path.Combine(Repository.Root, "examples", "NearestDomains", "Program.cs"));
        Assert.Contains($"```csharp\n{program}```", Readme, StringComparison.Ordinal);
        Assert.InRange(program.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 20);
    }

    [Fact]
    public void Example_FindsNearestDomains()
    {
        using var folder = new TemporaryFolder();
        string queries = folder.Write("q.fasta", Proteins.Three);
        string domains = folder.Write("t.fasta", Proteins.Three + Proteins.Random(10, 30, 60, seed: 9));
        string example = Path.Combine(AppContext.BaseDirectory, "NearestDomains.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [example, domains, queries]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(["P69905\tP69905\t1.000", "ubiquitin\tubiquitin\t1.000", "d193la_\td193la_\t1.000"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void EveryCommandLine_IsUnderstood()
    {
        RootCommand root = CommandTable.CreateRoot(new GlobalOptions());
        string[] lines = [.. CommandLines().Matches(Readme).Select(match => match.Groups[1].Value.Split("  ")[0].Split('#')[0].Trim())];
        Assert.True(lines.Length >= 5, "README shows no command lines");
        Assert.All(lines, line => Assert.Empty(root.Parse(line).Errors));
        Assert.All(root.Subcommands, command => Assert.Contains($"`clss {command.Name}", Readme, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryExampleOfHelp_IsUnderstood()
    {
        RootCommand root = CommandTable.CreateRoot(new GlobalOptions());
        foreach (CommandRow row in CommandTable.Rows(new GlobalOptions()))
        {
            Assert.StartsWith("clss ", row.Example, StringComparison.Ordinal);
            Assert.Empty(root.Parse(row.Example["clss ".Length..]).Errors);
        }
    }

    [GeneratedRegex(@"^clss (?!COMMAND)(.+)$", RegexOptions.Multiline)]
    private static partial Regex CommandLines();
}

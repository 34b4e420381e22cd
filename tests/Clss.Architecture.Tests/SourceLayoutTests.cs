using System.Text.RegularExpressions;

namespace Clss.Architecture.Tests;

/// <summary>Where source files lie, what they are called and how long they get.</summary>
public partial class SourceLayoutTests
{
    // The guide is 400 lines; at 600 there is more than one idea in a file.
    private const int MaxLines = 600;

    private static readonly string[] NamesForAnything = ["Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Misc", "Core"];

    // Path and why the file is long. An entry that is not needed is a fault too.
    private static readonly Dictionary<string, string> LongFiles = new(StringComparer.Ordinal);

    [Fact]
    public void Namespace_OfASourceFile_IsItsFolder() =>
        SourceTree.AssertNone(Sources().Select(path =>
        {
            string expected = string.Join('.', path.Split('/')[1..^1]);
            string? found = SourceTree.Lines(path).Select(line => NamespaceLine().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
            bool isOnlyAttributes = found is null && !SourceTree.Lines(path).Any(line => TypeLine().IsMatch(line));
            return found == expected || isOnlyAttributes ? null : $"{path}: namespace {found ?? "(none)"}, expected {expected}";
        }).OfType<string>());

    [Fact]
    public void PublicTypes_OfASourceFile_AreOneNamedLikeIt() =>
        SourceTree.AssertNone(Sources().Select(path =>
        {
            string[] types = [.. SourceTree.Lines(path).Select(line => TypeLine().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];
            string name = Path.GetFileNameWithoutExtension(path).Split('{', '`')[0];
            return types.Length switch
            {
                > 1 => $"{path}: {types.Length} public types: {string.Join(", ", types)}",
                1 when types[0] != name => $"{path}: holds {types[0]}",
                _ => null,
            };
        }).OfType<string>());

    [Fact]
    public void Names_OfFilesAndFolders_SayWhatIsInside() =>
        SourceTree.AssertNone(Sources().Where(path => path.Split('/')[1..]
            .Select(part => Path.GetFileNameWithoutExtension(part).Split('.')[^1])
            .Any(part => NamesForAnything.Contains(part) || part.EndsWith("Helper", StringComparison.Ordinal)
                || part.EndsWith("Helpers", StringComparison.Ordinal) || part.EndsWith("Utils", StringComparison.Ordinal))));

    [Fact]
    public void Length_OfASourceFile_IsOneIdea() =>
        SourceTree.AssertNone(Lengths().Where(file => file.Lines > MaxLines && !LongFiles.ContainsKey(file.Path))
            .Select(file => $"{file.Path}: {file.Lines} lines, at most {MaxLines}; split it by idea, or say why not in {nameof(LongFiles)}"));

    [Fact]
    public void LongFiles_Entries_AreAllNeeded() =>
        SourceTree.AssertNone(LongFiles.Keys.Except(Lengths().Where(file => file.Lines > MaxLines).Select(file => file.Path)));

    [Fact]
    public void Sources_OfEveryProject_AreFound() =>
        Assert.All(Layering.All, layer => Assert.Contains(Sources(), path => path.StartsWith($"src/{layer.Project}/", StringComparison.Ordinal)));

    private static IEnumerable<string> Sources() => SourceTree.Files("src", "*.cs");

    private static IEnumerable<(string Path, int Lines)> Lengths() => Sources().Select(path => (path, SourceTree.Lines(path).Length));

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*[;{]?")]
    private static partial Regex NamespaceLine();

    // Types nested in others are indented.
    [GeneratedRegex(@"^public\s+(?:(?:sealed|static|abstract|readonly|ref|unsafe|partial|file)\s+)*(?:class|struct|interface|enum|record(?:\s+(?:struct|class))?|delegate\s+[\w<>\[\],.? ]+?)\s+(\w+)")]
    private static partial Regex TypeLine();
}

using System.Text.RegularExpressions;

namespace Clss.Architecture.Tests;

/// <summary>Nothing half done in what is shipped.</summary>
public partial class TextHygieneTests
{
    [Fact]
    public void Sources_HoldNothingUnfinished() =>
        SourceTree.AssertNone(SourceTree.Files("src", "*.cs").SelectMany(path => SourceTree.Lines(path)
            .Select((line, index) => (line, number: index + 1))
            .Where(each => Unfinished().IsMatch(each.line))
            .Select(each => $"{path}({each.number}): {each.line.Trim()}")));

    [Theory]
    [InlineData("throw new NotImplementedException();", true)]
    [InlineData("// TODO: later", true)]
    [InlineData("#region Fields", true)]
    [InlineData("int todos = 1;", false)]
    [InlineData("// done", false)]
    public void Unfinished_KnownLines_AreSeen(string line, bool expected) => Assert.Equal(expected, Unfinished().IsMatch(line));

    [GeneratedRegex(@"NotImplementedException|\b(TODO|FIXME|HACK)\b|^\s*#region")]
    private static partial Regex Unfinished();
}

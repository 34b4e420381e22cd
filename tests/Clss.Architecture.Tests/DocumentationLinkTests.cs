using System.Text;
using System.Text.RegularExpressions;
using Clss.Testing;

namespace Clss.Architecture.Tests;

/// <summary>Links between the documents, and from them to files, lead somewhere.</summary>
public partial class DocumentationLinkTests
{
    [Fact]
    public void RelativeLinks_OfEveryDocument_LeadSomewhere() =>
        SourceTree.AssertNone(SourceTree.Files("", "*.md").SelectMany(document => Links(SourceTree.Text(document))
            .Select(target => (document, target, fault: Fault(document, target)))
            .Where(link => link.fault is not null)
            .Select(link => $"{link.document}: {link.target}: {link.fault}")));

    [Theory]
    [InlineData("[a](b.md) and ![c](d.png \"title\")", "b.md,d.png")]
    [InlineData("`[a](b.md)` [x](y%20z.md#part)", "y%20z.md#part")]
    [InlineData("```\n[a](b.md)\n```\n[c](<d e.md>)", "d e.md")]
    [InlineData("[ref]: other.md\n", "other.md")]
    public void Links_OfText_AreFoundOutsideCode(string text, string expected) => Assert.Equal(expected, string.Join(',', Links(text)));

    [Theory]
    [InlineData("What is checked, and what a check means", "what-is-checked-and-what-a-check-means")]
    [InlineData("`clss db` verify", "clss-db-verify")]
    [InlineData("C#_8", "c_8")]
    public void Anchor_OfAHeading_IsGitHubs(string heading, string expected) => Assert.Equal(expected, Anchor(heading));

    [Theory]
    [InlineData("https://example.org/x", null)]
    [InlineData("mailto:a@example.org", null)]
    [InlineData("Clss.sln", null)]
    [InlineData("absent.md", "no such file or folder")]
    [InlineData("../outside.md", "leaves the repository")]
    public void Fault_OfKnownTargets_IsSeen(string target, string? expected) => Assert.Equal(expected, Fault("README.md", target));

    private static IEnumerable<string> Links(string text)
    {
        string prose = InlineCode().Replace(Fence().Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), ""), "");
        return InlineLink().Matches(prose).Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)
            .Concat(ReferenceLink().Matches(prose).Select(match => match.Groups[1].Value));
    }

    private static string? Fault(string document, string target)
    {
        if (Scheme().IsMatch(target))
        {
            return null;
        }

        string[] parts = Uri.UnescapeDataString(target).Split('#', 2);
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        string path = parts[0].Length == 0
            ? Path.Combine(Repository.Root, document)
            : Path.GetFullPath(parts[0].StartsWith('/') ? Repository.Root + parts[0] : Path.Combine(folder, parts[0]));
        if (!path.StartsWith(Repository.Root, StringComparison.Ordinal))
        {
            return "leaves the repository";
        }

        if (!File.Exists(path) && !Directory.Exists(path))
        {
            return "no such file or folder";
        }

        bool hasAnchor = parts.Length == 2 && path.EndsWith(".md", StringComparison.OrdinalIgnoreCase);
        return hasAnchor && !Anchors(File.ReadAllText(path)).Contains(parts[1]) ? "no such heading" : null;
    }

    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match match in Heading().Matches(Fence().Replace(text.Replace("\r\n", "\n", StringComparison.Ordinal), "")))
        {
            string anchor = Anchor(match.Groups[1].Value.Trim());
            string unique = anchor;
            for (int n = 1; !anchors.Add(unique); n++)
            {
                unique = $"{anchor}-{n}";
            }
        }

        return anchors;
    }

    private static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (char character in heading.ToLowerInvariant())
        {
            if (char.IsLetterOrDigit(character) || character is '-' or '_')
            {
                anchor.Append(character);
            }
            else if (character == ' ')
            {
                anchor.Append('-');
            }
        }

        return anchor.ToString();
    }

    [GeneratedRegex(@"^(```|~~~).*?^\1[^\n]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`[^`\n]+`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\((?:<([^>\n]+)>|([^)\s]+))(?:\s+""[^""]*"")?\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^\[[^\]\n]+\]:\s*(\S+)", RegexOptions.Multiline)]
    private static partial Regex ReferenceLink();

    [GeneratedRegex(@"^#{1,6}\s+(.+?)\s*#*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9+.-]*:")]
    private static partial Regex Scheme();
}

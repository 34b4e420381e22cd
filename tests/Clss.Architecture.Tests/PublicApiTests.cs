using System.Reflection;
using Clss.Testing;
using PublicApiGenerator;

namespace Clss.Architecture.Tests;

/// <summary>
/// The public surface of each library is the approved one. A change is approved with
/// <c>CLSS_APPROVE=1 dotnet test --project tests/Clss.Architecture.Tests -c Release</c>, and reviewed as a change of <c>approved/*.txt</c>.
/// </summary>
public class PublicApiTests
{
    private const string ApproveVariable = "CLSS_APPROVE";
    private const int ShownLines = 12;

    public static TheoryData<string> Libraries => [.. Layering.Libraries];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void PublicApi_OfALibrary_IsTheApprovedOne(string library)
    {
        string approvedPath = Path.Combine(Repository.Root, "tests", "Clss.Architecture.Tests", "approved", library + ".txt");
        string found = Surface(library);
        if (Environment.GetEnvironmentVariable(ApproveVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(approvedPath)!);
            File.WriteAllText(approvedPath, found);
            return;
        }

        string approved = File.Exists(approvedPath) ? Normalise(File.ReadAllText(approvedPath)) : "";
        if (found != approved)
        {
            string received = Path.Combine(AppContext.BaseDirectory, library + ".received.txt");
            File.WriteAllText(received, found);
            Assert.Fail(
                $"The public surface of {library} is not the approved one ({approvedPath}).\n{Difference(approved, found)}\n" +
                $"Found surface: {received}\nTo approve it: {ApproveVariable}=1 dotnet test --project tests/Clss.Architecture.Tests -c Release");
        }
    }

    [Fact]
    public void Difference_OfTwoTexts_ShowsTheFirstLinesThatDiffer() =>
        Assert.Equal("line 2:\n- b\n- c\n+ x", Difference("a\nb\nc", "a\nx"));

    private static string Surface(string library) => Normalise(Assembly.Load(library).GeneratePublicApi(new ApiGeneratorOptions
    {
        IncludeAssemblyAttributes = false,
    }));

    private static string Normalise(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd() + "\n";

    private static string Difference(string approved, string found)
    {
        string[] left = approved.TrimEnd().Split('\n');
        string[] right = found.TrimEnd().Split('\n');
        int first = 0;
        while (first < Math.Min(left.Length, right.Length) && left[first] == right[first])
        {
            first++;
        }

        int end = 0;
        while (end < Math.Min(left.Length, right.Length) - first && left[^(end + 1)] == right[^(end + 1)])
        {
            end++;
        }

        IEnumerable<string> removed = left[first..^end].Take(ShownLines).Select(line => "- " + line);
        IEnumerable<string> added = right[first..^end].Take(ShownLines).Select(line => "+ " + line);
        return $"line {first + 1}:\n{string.Join('\n', removed.Concat(added))}";
    }
}

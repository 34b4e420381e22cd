using Clss.Testing;

namespace Clss.Architecture.Tests;

/// <summary>The files of the repository, without what is built.</summary>
internal static class SourceTree
{
    private static readonly string[] Built = ["bin", "obj", ".git", "TestResults", "artifacts", "BenchmarkDotNet.Artifacts"];

    /// <summary>The files below a folder of the repository with a pattern, as paths from the root with '/'.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        string root = Path.Combine(Repository.Root, folder);
        return !Directory.Exists(root)
            ? []
            : Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(part => Built.Contains(part)))
                .Order(StringComparer.Ordinal);
    }

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Repository.Root, path));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    /// <summary>Fails with every fault on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> faults)
    {
        string[] found = [.. faults];
        Assert.True(found.Length == 0, $"{found.Length} found:\n{string.Join('\n', found)}");
    }
}

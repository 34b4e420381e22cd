using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Clss.Testing;

namespace Clss.Architecture.Tests;

/// <summary>Who knows whom, by the built assemblies and by the project files.</summary>
public class ReferenceTests
{
    public static TheoryData<string> Projects => [.. Layering.All.Select(layer => layer.Project)];

    [Fact]
    public void Projects_OfSrc_AreAllDrawn() =>
        Assert.Equal(
            Layering.All.Select(layer => $"src/{layer.Project}/{layer.Project}.csproj").Order(StringComparer.Ordinal),
            SourceTree.Files("src", "*.csproj"));

    [Fact]
    public void Projects_OfTheRepository_AreInTheSolutionAndHaveALockFile()
    {
        string solution = SourceTree.Text("Clss.sln").Replace('\\', '/');

        SourceTree.AssertNone(SourceTree.Files("", "*.csproj").Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            .Select(path => $"{path} is not in Clss.sln"));
        SourceTree.AssertNone(SourceTree.Files("", "*.csproj")
            .Where(path => !File.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, "packages.lock.json")))
            .Select(path => $"{path} has no packages.lock.json"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Assembly_References_FollowTheArrows(string project)
    {
        Layer layer = Layering.Get(project);
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        IReadOnlySet<string> known = Layering.Reachable(layer);
        IEnumerable<string> packages = known.Select(Layering.Get).Append(layer).SelectMany(each => each.Packages).Select(Layering.AssemblyOf);
        var allowed = new HashSet<string>(known.Select(name => Layering.Get(name).Assembly).Concat(packages), StringComparer.Ordinal);

        SourceTree.AssertNone(References(layer.Assembly)
            .Where(name => !allowed.Contains(name) && !File.Exists(Path.Combine(framework, name + ".dll")))
            .Select(name => $"{layer.Assembly}.dll references {name}; allowed: {string.Join(", ", allowed.Order())} and the framework"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectFile_References_FollowTheArrows(string project)
    {
        Layer layer = Layering.Get(project);
        XDocument file = XDocument.Parse(SourceTree.Text($"src/{project}/{project}.csproj"));

        Assert.Equal(
            layer.Projects.Order(StringComparer.Ordinal),
            Included(file, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Order(StringComparer.Ordinal));
        SourceTree.AssertNone(Included(file, "PackageReference").Where(package => !layer.Packages.Contains(package))
            .Select(package => $"{project} uses the package {package}; allowed: {string.Join(", ", layer.Packages)}"));
    }

    [Fact]
    public void UnsafeCode_IsEnabledWhereTheKernelsAre() =>
        Assert.Equal(
            ["src/Clss.Embedder/Clss.Embedder.csproj", "src/Clss.Index/Clss.Index.csproj"],
            SourceTree.Files("src", "*.csproj").Where(path => SourceTree.Text(path).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Clss.Index")]
    [InlineData("Clss.Embedder")]
    public void Assembly_AtTheBottom_KnowsNoOtherOfOurs(string assembly) =>
        Assert.DoesNotContain(References(assembly), name => name.StartsWith("Clss.", StringComparison.Ordinal));

    [Fact]
    public void References_OfTheCommandLine_AreRead() => Assert.Contains("System.Runtime", References("clss"));

    private static List<string> References(string assembly)
    {
        using FileStream stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var file = new PEReader(stream);
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static IEnumerable<string> Included(XDocument file, string item) =>
        file.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();
}

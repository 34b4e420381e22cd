namespace Clss.Architecture.Tests;

/// <summary>The arrows between the projects and the packages each may use. A new project or package is a decision that is written here first.</summary>
internal static class Layering
{
    private const string Tensors = "System.Numerics.Tensors";

    /// <summary>Every project of <c>src</c>, the libraries first.</summary>
    public static IReadOnlyList<Layer> All { get; } =
    [
        new("Clss.Index", "Clss.Index", [], [Tensors]),
        new("Clss.Embedder", "Clss.Embedder", [], [Tensors]),
        new("Clss.Ingest", "Clss.Ingest", ["Clss.Embedder", "Clss.Index"], [Tensors, "ZstdSharp.Port", "SharpZipLib"]),
        new("Clss.Query", "Clss.Query", ["Clss.Ingest"], [Tensors]),
        new("Clss.Cli", "clss", ["Clss.Query"], [Tensors, "System.CommandLine", "Spectre.Console"]),
    ];

    /// <summary>The libraries with an approved public surface.</summary>
    public static IReadOnlyList<string> Libraries { get; } = ["Clss.Index", "Clss.Embedder", "Clss.Ingest", "Clss.Query"];

    public static Layer Get(string project) => All.Single(layer => layer.Project == project);

    /// <summary>The projects that a project may know: along the arrows, however many.</summary>
    public static IReadOnlySet<string> Reachable(Layer layer)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(layer.Projects);
        while (open.TryDequeue(out string? project))
        {
            if (known.Add(project))
            {
                foreach (string next in Get(project).Projects)
                {
                    open.Enqueue(next);
                }
            }
        }

        return known;
    }

    /// <summary>The assemblies that a package brings.</summary>
    public static string AssemblyOf(string package) => package switch
    {
        "ZstdSharp.Port" => "ZstdSharp",
        "SharpZipLib" => "ICSharpCode.SharpZipLib",
        _ => package,
    };
}

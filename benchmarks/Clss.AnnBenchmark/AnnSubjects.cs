using System.Globalization;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>The indexes by name, each with the settings that are measured. A new kind of index is a new line here.</summary>
internal static class AnnSubjects
{
    private const string Plain = "plain";

    private static readonly double[] Recalls = [0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.9925, 0.995, 0.9975, 0.9985, 0.999, 0.9995, 0.9999];
    private static readonly int[] Probes = [8, 32, 128];

    public static IReadOnlyList<string> Names { get; } = ["auto", "cells", "exact", Plain];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="recalls">Target recalls; empty for the index's own series of settings.</param>
    public static IAnnSubject Create(string name, IReadOnlyList<double> recalls)
    {
        RequireKnown(name, recalls);
        return name == Plain ? new PlainScanSubject() : new CollectionSubject(Kind(name), Settings(name, recalls));
    }

    /// <summary>The same for filters, which only a collection has. <paramref name="places"/> are the values of its column.</summary>
    public static CollectionSubject CreateFiltered(string name, IReadOnlyList<double> recalls, IReadOnlyList<int> places)
    {
        RequireKnown(name, recalls);
        return name == Plain ? throw new UsageException("--index plain knows no filters") : new CollectionSubject(Kind(name), Settings(name, recalls), places);
    }

    private static IndexKind Kind(string name) => name switch
    {
        "auto" => IndexKind.Auto,
        "cells" => IndexKind.Cells,
        _ => IndexKind.Exact,
    };

    private static AnnSetting[] Settings(string name, IReadOnlyList<double> recalls)
    {
        var search = new SearchOptions { K = Workload.K };
        return name switch
        {
            "exact" =>
            [
                new AnnSetting("exact/int8", search with { Exact = true, Precision = ScanPrecision.Int8 }),
                new AnnSetting("exact/float32", search with { Exact = true, Precision = ScanPrecision.Float32 }),
            ],
            _ when recalls.Count > 0 => Targets(name, recalls),
            "cells" => [.. Targets(name, Recalls), .. Probes.Select(probes => new AnnSetting(Label(name, "probes", probes), search with { Probes = probes }))],
            _ => Targets(name, Recalls),
        };
    }

    private static AnnSetting[] Targets(string name, IReadOnlyList<double> recalls) =>
        [.. recalls.Select(recall => new AnnSetting(Label(name, "recall", recall), new SearchOptions { K = Workload.K, Recall = recall }))];

    private static string Label(string name, string parameter, IFormattable value) => $"{name}/{parameter}={value.ToString(null, CultureInfo.InvariantCulture)}";

    private static void RequireKnown(string name, IReadOnlyList<double> recalls)
    {
        if (!Names.Contains(name))
        {
            throw new UsageException($"there is no index '{name}'; there are {string.Join(", ", Names)}");
        }

        if (recalls.Count > 0 && name is "exact" or Plain)
        {
            throw new UsageException($"--recall chooses among settings of an approximate index; '{name}' compares with every row");
        }
    }
}

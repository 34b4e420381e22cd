using System.Globalization;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>The indexes by name, each with the settings that are measured. A new kind of index is a new line here.</summary>
internal static class AnnSubjects
{
    public static IReadOnlyList<string> Names { get; } = ["exact", "plain"];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="recalls">Target recalls; empty for the index's own series of settings.</param>
    public static IAnnSubject Create(string name, IReadOnlyList<double> recalls)
    {
        RequireKnown(name, recalls);
        return name == "plain" ? new PlainScanSubject() : new CollectionSubject(name, Settings());
    }

    /// <summary>The same for filters, which only a collection has. <paramref name="places"/> are the values of its column.</summary>
    public static CollectionSubject CreateFiltered(string name, IReadOnlyList<double> recalls, IReadOnlyList<int> places)
    {
        RequireKnown(name, recalls);
        return name == "plain" ? throw new UsageException("--index plain knows no filters") : new CollectionSubject(name, Settings(), places);
    }

    private static AnnSetting[] Settings() =>
    [
        new AnnSetting("exact/int8", new SearchOptions { K = Workload.K, Exact = true, Precision = ScanPrecision.Int8 }),
        new AnnSetting("exact/float32", new SearchOptions { K = Workload.K, Exact = true, Precision = ScanPrecision.Float32 }),
    ];

    private static void RequireKnown(string name, IReadOnlyList<double> recalls)
    {
        if (!Names.Contains(name))
        {
            throw new UsageException($"there is no index '{name}'; there are {string.Join(", ", Names)}");
        }

        if (recalls.Count > 0 && name is "exact" or "plain")
        {
            throw new UsageException($"--recall chooses among settings of an approximate index; '{name}' compares with every row");
        }
    }
}

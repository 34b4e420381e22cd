namespace Clss.AnnBenchmark;

/// <summary>What is printed for one setting.</summary>
internal sealed record ResultLine
{
    public const string Header = "recall\tqps_cpu\tqps_wall\tbuild_cpu_seconds\tindex_megabytes\tlabel";

    public required double Recall { get; init; }

    /// <summary>Queries per second of the searching thread's processor time.</summary>
    public required double QueriesPerCpuSecond { get; init; }

    public required double QueriesPerSecond { get; init; }

    public required BuildCost Build { get; init; }

    public required string Label { get; init; }

    /// <summary>Columns after the label.</summary>
    public required IReadOnlyList<string> More { get; init; }

    /// <summary>Tab-separated, with '.' as decimal point.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Recall:F5}\t{QueriesPerCpuSecond:F1}\t{QueriesPerSecond:F1}\t{Build.CpuSeconds:F2}\t{Build.Bytes / 1e6:F1}\t{Label}\t{string.Join('\t', More)}");
}

namespace Clss.Index;

/// <summary>What to search for, and where.</summary>
public sealed record SearchOptions
{
    /// <summary>How many neighbours to return, at least 1. Fewer come back where fewer rows qualify.</summary>
    public required int K { get; init; }

    /// <summary>Compare with every row. A collection whose index kind is "exact" does so in any case.</summary>
    public bool Exact { get; init; }

    /// <summary>Search only this partition; null searches all.</summary>
    public string? Partition { get; init; }

    /// <summary>Search only rows that the filter accepts.</summary>
    public Filter? Filter { get; init; }

    /// <summary>What an exact search reads; the result does not depend on it.</summary>
    public ScanPrecision Precision { get; init; } = ScanPrecision.Int8;
}

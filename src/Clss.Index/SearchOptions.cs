namespace Clss.Index;

/// <summary>What to search for, and where.</summary>
public sealed record SearchOptions
{
    /// <summary>How many neighbours to return, at least 1. Fewer come back where fewer rows qualify.</summary>
    public required int K { get; init; }

    /// <summary>Find exactly the nearest rows, also where there is an index.</summary>
    public bool Exact { get; init; }

    /// <summary>The share of the nearest rows that a search through an index is to find on average, 0 to 1; 1 searches exactly.</summary>
    public double Recall { get; init; } = 0.99;

    /// <summary>Scan this many cells, the nearest, instead of as many as <see cref="Recall"/> needs: what other libraries call nprobe.</summary>
    public int? Probes { get; init; }

    /// <summary>Keep this many candidates in a graph, instead of as many as <see cref="Recall"/> needs; Malkov and Yashunin's name.</summary>
    public int? EfSearch { get; init; }

    /// <summary>Search only this partition; null searches all.</summary>
    public string? Partition { get; init; }

    /// <summary>Search only rows that the filter accepts.</summary>
    public Filter? Filter { get; init; }

    /// <summary>What an exact search reads; the result does not depend on it.</summary>
    public ScanPrecision Precision { get; init; } = ScanPrecision.Int8;
}

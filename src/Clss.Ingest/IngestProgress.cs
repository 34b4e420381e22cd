namespace Clss.Ingest;

/// <summary>How far an ingest is, in numbers.</summary>
public sealed record IngestProgress
{
    /// <summary>Records dealt with so far, including those of an earlier run.</summary>
    public required long Records { get; init; }

    /// <summary>Records that an earlier run had already dealt with.</summary>
    public required long ResumedRecords { get; init; }

    /// <summary>Records and files that were not taken.</summary>
    public required long Rejected { get; init; }

    /// <summary>Residues embedded by this run.</summary>
    public required long Residues { get; init; }

    /// <summary>Bytes of the inputs read.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Bytes of the inputs on disk; null when unknown, as with standard input.</summary>
    public required long? TotalBytes { get; init; }

    /// <summary>Time since this run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time spent on embedding and storing.</summary>
    public required TimeSpan Working { get; init; }

    /// <summary>Records per second of this run's own work; 0 at the beginning.</summary>
    public double RecordsPerSecond => Working > TimeSpan.Zero ? Math.Max(0, Records - ResumedRecords) / Working.TotalSeconds : 0;

    /// <summary>Residues per second of this run's own work; 0 at the beginning.</summary>
    public double ResiduesPerSecond => Working > TimeSpan.Zero ? Residues / Working.TotalSeconds : 0;

    /// <summary>The part of the inputs that was read, 0 to 1; null when the total is unknown.</summary>
    public double? Fraction => TotalBytes is > 0 ? Math.Min(1, (double)BytesRead / TotalBytes.Value) : null;
}

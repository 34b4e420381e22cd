namespace Clss.Index;

/// <summary>Which index a collection builds, whenever it writes a generation.</summary>
public sealed record IndexOptions
{
    /// <summary>The kind of index.</summary>
    public IndexKind Kind { get; init; } = IndexKind.Auto;

    /// <summary>How cells are made.</summary>
    public CellParameters Cells { get; init; } = new();

    /// <summary>The same seed and rows give the same index, on any number of threads.</summary>
    public ulong Seed { get; init; } = 42;
}

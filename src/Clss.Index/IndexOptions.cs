using Clss.Index.Hnsw;

namespace Clss.Index;

/// <summary>Which index a collection builds, whenever it writes a generation.</summary>
public sealed record IndexOptions
{
    /// <summary>The kind of index.</summary>
    public IndexKind Kind { get; init; } = IndexKind.Auto;

    /// <summary>How cells are made.</summary>
    public CellParameters Cells { get; init; } = new();

    /// <summary>How a graph is made.</summary>
    public HnswParameters Hnsw { get; init; } = new();

    /// <summary>The same seed and rows give the same index, on any number of threads.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Throws <see cref="ClssIndexException"/> unless every value is in its range.</summary>
    internal void Validate()
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ClssIndexException($"There is no index of kind {Kind}.");
        }

        if (Cells.RowsPerCell is < 0 or > CellParameters.MaximumRowsPerCell)
        {
            throw new ClssIndexException($"Rows per cell are {Cells.RowsPerCell}; they must be 1 to {CellParameters.MaximumRowsPerCell}, or 0 to have them chosen.");
        }

        Hnsw.Validate();
    }
}

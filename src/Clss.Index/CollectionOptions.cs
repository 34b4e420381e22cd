namespace Clss.Index;

/// <summary>What a new collection holds.</summary>
public sealed record CollectionOptions
{
    /// <summary>Numbers per vector, 1 to 65,536.</summary>
    public required int Dimension { get; init; }

    /// <summary>The fingerprint of the model whose vectors are stored; empty where vectors come from elsewhere.</summary>
    public string Model { get; init; } = "";

    /// <summary>The model's name, for people.</summary>
    public string ModelName { get; init; } = "";

    /// <summary>The metadata columns. More may be added later.</summary>
    public IReadOnlyList<ColumnDefinition> Columns { get; init; } = [];

    /// <summary>In which form the vectors are kept. It cannot be changed later.</summary>
    public VectorStorage Storage { get; init; }

    /// <summary>The index to build.</summary>
    public IndexOptions Index { get; init; } = new();
}

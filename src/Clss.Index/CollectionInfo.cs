namespace Clss.Index;

/// <summary>What a collection holds, as it is now.</summary>
public sealed record CollectionInfo
{
    /// <summary>Rows.</summary>
    public required int Count { get; init; }

    /// <summary>Numbers per vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>The fingerprint of the model of the vectors; empty where none was stated.</summary>
    public required string Model { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>In which form the vectors are kept.</summary>
    public required VectorStorage Storage { get; init; }

    /// <summary>The metadata columns.</summary>
    public required IReadOnlyList<ColumnDefinition> Columns { get; init; }

    /// <summary>The partitions that have rows.</summary>
    public required IReadOnlyList<PartitionInfo> Partitions { get; init; }

    /// <summary>The number of the generation on disk; it grows with every merge and compaction.</summary>
    public required long Generation { get; init; }

    /// <summary>How the collection is searched: "exact", "cells", "hnsw", or "mixed" where partitions differ; see <see cref="Partitions"/>.</summary>
    public required string IndexKind { get; init; }

    /// <summary>Bytes of the generation and its log on disk.</summary>
    public required long BytesOnDisk { get; init; }
}

namespace Clss.Index.Storage;

/// <summary>
/// Reads rows by ordinal: those of a generation come first, then the recent ones.
/// </summary>
internal abstract class RowReader
{
    protected RowReader(Generation generation) => Base = generation;

    public Generation Base { get; }

    public abstract IReadOnlyList<ColumnDefinition> Columns { get; }

    public abstract IReadOnlyList<string> PartitionNames { get; }

    public int PartitionOf(int ordinal) => ordinal < Base.Rows ? Base.PartitionOf(ordinal) : RecentPartition(ordinal - Base.Rows);

    public string Key(int ordinal) => ordinal < Base.Rows ? Base.Key(ordinal) : RecentKey(ordinal - Base.Rows);

    /// <summary>Writes the vector of a row [dimension].</summary>
    public void CopyVector(int ordinal, Span<float> destination)
    {
        if (ordinal < Base.Rows)
        {
            Base.Vectors.CopyTo(ordinal, destination[..Base.Schema.Dimension]);
        }
        else
        {
            RecentVector(ordinal - Base.Rows).CopyTo(destination);
        }
    }

    public MetadataValue Value(int ordinal, int column) =>
        ordinal < Base.Rows ? Base.Column(column)?.Read(ordinal) ?? MetadataValue.Missing : RecentValue(ordinal - Base.Rows, column);

    /// <summary>The values that a row has, by column name.</summary>
    public Dictionary<string, MetadataValue> Metadata(int ordinal)
    {
        var metadata = new Dictionary<string, MetadataValue>(StringComparer.Ordinal);
        for (int column = 0; column < Columns.Count; column++)
        {
            MetadataValue value = Value(ordinal, column);
            if (!value.IsMissing)
            {
                metadata.Add(Columns[column].Name, value);
            }
        }

        return metadata;
    }

    /// <summary>A row as an entry.</summary>
    public VectorEntry Entry(int ordinal)
    {
        var vector = new float[Base.Schema.Dimension];
        CopyVector(ordinal, vector);
        return new VectorEntry
        {
            Key = Key(ordinal),
            Partition = PartitionNames[PartitionOf(ordinal)],
            Vector = vector,
            Metadata = Metadata(ordinal),
        };
    }

    /// <summary>The ordinal at a place in the order of writing.</summary>
    public int OrdinalWrittenAt(int place) => place < Base.Rows ? Base.RowWrittenAt(place) : place;

    protected abstract int RecentPartition(int row);

    protected abstract string RecentKey(int row);

    protected abstract ReadOnlySpan<float> RecentVector(int row);

    protected abstract MetadataValue RecentValue(int row, int column);
}

using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Index;

namespace Clss.Ingest;

/// <summary>Stores embedded records in a collection. A column is added when a record first fills it.</summary>
internal sealed class CollectionSink : IVectorSink
{
    private readonly ClssEmbedder _embedder;
    private readonly VectorCollection _collection;
    private readonly string _partition;
    private readonly HashSet<string> _columns;

    public CollectionSink(ClssEmbedder embedder, VectorCollection collection, string partition)
    {
        _embedder = embedder;
        _collection = collection;
        _partition = partition;
        _columns = [.. collection.Info.Columns.Select(column => column.Name)];
        collection.RequireModel(embedder.Fingerprint, embedder.Name);
    }

    public int Dimension => _embedder.Dimension;

    public bool UniqueKeys => true;

    public long Rows => _collection.Info.Count;

    public long SideBytes => 0;

    public void Embed(ReadOnlySpan<ProteinSequence> sequences, Span<float> vectors, CancellationToken cancellationToken) =>
        _embedder.EmbedBatch(sequences, vectors, cancellationToken);

    public void Write(IReadOnlyList<DomainRecord> records, ReadOnlyMemory<float> vectors)
    {
        var entries = new VectorEntry[records.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            DomainRecord record = records[i];
            entries[i] = new VectorEntry
            {
                Key = record.Key,
                Partition = _partition,
                Vector = vectors.Slice(i * Dimension, Dimension),
                Metadata = record.Metadata.ToDictionary(StringComparer.Ordinal),
            };
            AddColumns(_collection, _columns, record.Metadata);
        }

        _collection.Upsert(entries);
    }

    public bool Contains(DomainRecord record) => _collection.Contains(record.Key, _partition);

    public void Commit() => _collection.Commit();

    // One record at a time, so that the order of columns does not depend on how records were put into batches.
    private static void AddColumns(VectorCollection collection, HashSet<string> columns, IEnumerable<KeyValuePair<string, MetadataValue>> metadata)
    {
        ColumnDefinition[] added =
        [
            .. metadata
                .Where(pair => !pair.Value.IsMissing && columns.Add(pair.Key))
                .Select(pair => new ColumnDefinition(pair.Key, TypeOf(pair.Value.Kind))),
        ];
        if (added.Length > 0)
        {
            collection.AddColumns(added);
        }
    }

    private static ColumnType TypeOf(MetadataKind kind) => kind switch
    {
        MetadataKind.Integer => ColumnType.Integer,
        MetadataKind.Real => ColumnType.Real,
        MetadataKind.Flag => ColumnType.Flag,
        MetadataKind.TextList => ColumnType.TextList,
        _ => ColumnType.Text,
    };
}

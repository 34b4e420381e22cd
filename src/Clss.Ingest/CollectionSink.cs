using Clss.Embedder;
using Clss.Index;

namespace Clss.Ingest;

/// <summary>Stores embedded records in a collection. A column is added when a record first fills it.</summary>
internal sealed class CollectionSink : IVectorSink
{
    private readonly RecordEmbedder _embedder;
    private readonly VectorCollection _collection;
    private readonly HashSet<string> _columns;

    public CollectionSink(ClssEmbedder embedder, VectorCollection collection, IReadOnlyList<Modality> modalities)
    {
        _embedder = new RecordEmbedder(embedder, modalities, pooled: false);
        _collection = collection;
        _columns = [.. collection.Info.Columns.Select(column => column.Name)];
        collection.RequireModel(embedder.Fingerprint, embedder.Name);
    }

    public bool UniqueKeys => true;

    public long Rows => _collection.Info.Count;

    public long SideBytes => 0;

    public RejectedRecord? Reject(DomainRecord record) => _embedder.Reject(record);

    public void Write(IReadOnlyList<DomainRecord> records, CancellationToken cancellationToken)
    {
        foreach (DomainRecord record in records)
        {
            AddColumns(_collection, _columns, record.Metadata);
        }

        // All modalities are embedded before any is stored: a cancellation leaves no record with half of its vectors.
        var entries = new List<VectorEntry>();
        foreach (Modality modality in _embedder.Modalities)
        {
            DomainRecord[] having = [.. records.Where(record => _embedder.Of(record).Contains(modality))];
            float[] vectors = _embedder.Embed(having, modality, cancellationToken);
            int dimension = _embedder.DimensionOf(modality);
            entries.AddRange(having.Select((record, i) => new VectorEntry
            {
                Key = record.Key,
                Partition = modality.ToName(),
                Vector = vectors.AsMemory(i * dimension, dimension),
                Metadata = record.Metadata.ToDictionary(StringComparer.Ordinal),
            }));
        }

        _collection.Upsert(entries);
    }

    public bool Contains(DomainRecord record) =>
        _embedder.Of(record).All(modality => _collection.Contains(record.Key, modality.ToName()));

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

using System.Globalization;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>A vector collection in a temporary folder, its keys being the numbers of the rows.</summary>
internal sealed class CollectionSubject : IAnnSubject
{
    /// <summary>The integer column that filters ask about, where the subject was given values for it.</summary>
    public const string PlaceColumn = "place";

    private const int EntriesPerCall = 10_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clss-ann-");
    private readonly IndexKind _kind;
    private readonly IReadOnlyList<int>? _places;
    private VectorCollection? _collection;
    private int[]? _rowOfOrdinal;

    /// <param name="kind">The index to build.</param>
    /// <param name="settings">How to search it.</param>
    /// <param name="places">A number of each row for the column <see cref="PlaceColumn"/>; null for no column.</param>
    public CollectionSubject(IndexKind kind, IReadOnlyList<AnnSetting> settings, IReadOnlyList<int>? places = null)
    {
        _kind = kind;
        Settings = settings;
        _places = places;
    }

    public string Name => _kind.ToString();

    public IReadOnlyList<AnnSetting> Settings { get; }

    public long IndexBytes => Collection.Info.BytesOnDisk;

    private VectorCollection Collection => _collection ?? throw new InvalidOperationException("The index is not built.");

    public void Build(VectorFile vectors, int rows, int threads)
    {
        var options = new CollectionOptions
        {
            Dimension = VectorFile.Dimension,
            Index = new IndexOptions { Kind = _kind },
            Columns = _places is null ? [] : [new ColumnDefinition(PlaceColumn, ColumnType.Integer)],
        };
        _collection = VectorCollection.Create(Path.Combine(_folder.FullName, "collection"), options);
        var entries = new List<VectorEntry>(EntriesPerCall);
        for (int first = 0; first < rows; first += EntriesPerCall)
        {
            int count = Math.Min(EntriesPerCall, rows - first);
            float[] chunk = vectors.Slice(first, count).ToArray();
            for (int i = 0; i < count; i++)
            {
                entries.Add(Entry(first + i, chunk.AsMemory(i * VectorFile.Dimension, VectorFile.Dimension)));
            }

            _collection.Upsert(entries);
            entries.Clear();
        }

        _collection.Compact(threads);
    }

    public int Search(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors) => Collection.Search(query, setting.Options, neighbors);

    public bool IsCertified(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors)
    {
        Collection.Search(query, setting.Options, neighbors, out SearchReport report);
        return report.IsExact;
    }

    public void SearchBatch(ReadOnlySpan<float> queries, AnnSetting setting, Span<Neighbor> neighbors, Span<int> counts) =>
        SearchBatch(queries, setting.Options, neighbors, counts, 1);

    public void SearchBatch(ReadOnlySpan<float> queries, SearchOptions options, Span<Neighbor> neighbors, Span<int> counts, int threads) =>
        Collection.SearchBatch(queries, options, neighbors, counts, threads);

    public int RowOf(int ordinal)
    {
        _rowOfOrdinal ??= [.. Enumerable.Range(0, Collection.Info.Count).Select(i => int.Parse(Collection[i].Key, CultureInfo.InvariantCulture))];
        return _rowOfOrdinal[ordinal];
    }

    public void Dispose()
    {
        _collection?.Dispose();
        _folder.Delete(recursive: true);
    }

    private VectorEntry Entry(int row, ReadOnlyMemory<float> vector)
    {
        var entry = new VectorEntry { Key = row.ToString(CultureInfo.InvariantCulture), Vector = vector };
        return _places is null
            ? entry
            : entry with { Metadata = new Dictionary<string, MetadataValue> { [PlaceColumn] = MetadataValue.Integer(_places[row]) } };
    }
}

using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Index;
using Clss.Testing;

namespace Clss.Query.Tests;

public sealed class ProteinSearchTests : IDisposable
{
    private static readonly string[] Residues = ["MKVLAAGIVGLLLAQWERTY", "ACDEFGHIKLMNPQRSTVWY", "GGGGSSSSGGGGSSSSPPPP", "MSTNPKPQRKTKRNTNRRPQDVKFPGG", "WWWWWWWWWWCCCCCCCCCC"];

    private readonly TemporaryFolder _folder = new();
    private readonly ClssEmbedder _embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 });
    private readonly VectorCollection _collection;

    public ProteinSearchTests()
    {
        _collection = VectorCollection.Create(_folder.File("db"), new CollectionOptions
        {
            Dimension = _embedder.Dimension,
            Model = _embedder.Fingerprint,
            ModelName = _embedder.Name,
            Columns = [new ColumnDefinition("length", ColumnType.Integer)],
        });
        for (int i = 0; i < Residues.Length; i++)
        {
            Add($"p{i}", "sequence", _embedder.Embed(new ProteinSequence(Residues[i])).Vector, Residues[i].Length);
            Add($"p{i}", "segment", _embedder.Embed(new ProteinSequence(Residues[i][..10])).Vector, 10);
        }

        _collection.Commit();
    }

    [Fact]
    public void Search_BySequence_FindsItselfFirst()
    {
        var search = new ProteinSearch(_embedder, _collection);
        ProteinQuery[] queries = [.. Residues.Select((residues, i) => new BySequence($"q{i}", new ProteinSequence(residues)))];
        QueryResult[] results = [.. search.Search(queries, new SearchRequest { K = 4, TargetModality = Modality.Sequence })];
        Assert.Equal(queries, results.Select(result => result.Query));
        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal($"p{i}", results[i].Hits[0].Target);
            Assert.Equal(1f, results[i].Hits[0].Similarity, 1e-6f);
            Assert.Equal([1, 2, 3, 4], results[i].Hits.Select(hit => hit.Rank));
            Assert.All(results[i].Hits, hit => Assert.Equal("sequence", hit.TargetModality));
            Assert.Equal(results[i].Hits.Select(hit => hit.Similarity), results[i].Hits.Select(hit => hit.Similarity).OrderDescending());
            Assert.Equal(Residues[i].Length, results[i].Hits[0].Metadata["length"].AsInteger());
        }
    }

    [Fact]
    public void Search_ByVector_EqualsBySequence()
    {
        var search = new ProteinSearch(_embedder, _collection);
        var request = new SearchRequest { K = 3 };
        for (int i = 0; i < Residues.Length; i++)
        {
            var sequence = new ProteinSequence(Residues[i]);
            IReadOnlyList<ProteinHit> bySequence = search.Search(new BySequence("q", sequence), request).Hits;
            float[] scaled = [.. _embedder.Embed(sequence).Vector.ToArray().Select(x => 4 * x)];
            IReadOnlyList<ProteinHit> byVector = new ProteinSearch(_collection).Search(new ByVector("q", scaled), request).Hits;
            Assert.Equal(bySequence.Select(hit => (hit.Target, hit.TargetModality)), byVector.Select(hit => (hit.Target, hit.TargetModality)));
            Assert.All(bySequence.Zip(byVector), pair => Assert.Equal(pair.First.Similarity, pair.Second.Similarity, 1e-6f));
        }
    }

    [Fact]
    public void Search_Limits_HoldTogether()
    {
        var search = new ProteinSearch(_embedder, _collection);
        var query = new BySequence("q", new ProteinSequence(Residues[0]));
        Assert.Equal(2 * Residues.Length, search.Search(query, new SearchRequest { K = int.MaxValue }).Hits.Count);
        Assert.All(search.Search(query, new SearchRequest { K = 10, MinSimilarity = 0.5f }).Hits, hit => Assert.True(hit.Similarity >= 0.5f));
        Filter longer = WhereExpression.Parse("length > 20", _collection.Info.Columns);
        Assert.Equal(["p3"], search.Search(query, new SearchRequest { K = 10, Filter = longer }).Hits.Select(hit => hit.Target));
        Assert.Throws<ClssQueryException>(() => search.Search(query, new SearchRequest { K = 0 }));
    }

    [Fact]
    public void Search_Exact_GivesTheSameHits()
    {
        var search = new ProteinSearch(_embedder, _collection);
        var query = new BySequence("q", new ProteinSequence(Residues[2]));
        Assert.Equal(
            search.Search(query, new SearchRequest { K = 7 }).Hits.Select(hit => (hit.Target, hit.TargetModality, hit.Similarity)),
            search.Search(query, new SearchRequest { K = 7, Exact = true }).Hits.Select(hit => (hit.Target, hit.TargetModality, hit.Similarity)));
    }

    [Fact]
    public void Search_RecallAndProbes_ReachTheIndex()
    {
        using VectorCollection cells = VectorCollection.Create(_folder.File("cells"), new CollectionOptions
        {
            Dimension = 32,
            Index = new IndexOptions { Kind = IndexKind.Cells, Cells = new CellParameters { RowsPerCell = 16 } },
        });
        var random = new Random(1);
        float[] Vector() => [.. Enumerable.Range(0, 32).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
        cells.Upsert([.. Enumerable.Range(0, 2000).Select(i => new VectorEntry { Key = $"k{i}", Vector = Vector() })]);
        cells.Compact();
        ProteinQuery[] queries = [.. Enumerable.Range(0, 50).Select(i => new ByVector($"q{i}", Vector()))];
        var search = new ProteinSearch(cells);
        HashSet<string> Found(SearchRequest request) =>
            [.. search.Search(queries, request with { K = 10 }).SelectMany(result => result.Hits.Select(hit => $"{result.Query.Name} {hit.Target}"))];

        HashSet<string> exact = Found(new SearchRequest { Exact = true });
        Assert.Equal(500, exact.Count);
        Assert.Equal(exact, Found(new SearchRequest { Recall = 1 }));
        Assert.InRange(Found(new SearchRequest { Probes = 1 }).Count(exact.Contains), 1, 300);
        Assert.InRange(Found(new SearchRequest { Recall = 0.5 }).Count(exact.Contains), 100, 499);
        Assert.Throws<ClssQueryException>(() => search.Search(queries, new SearchRequest { Recall = 0 }));
        Assert.Throws<ClssQueryException>(() => search.Search(queries, new SearchRequest { Recall = double.NaN }));
        Assert.Throws<ClssQueryException>(() => search.Search(queries, new SearchRequest { Probes = 0 }));
    }

    [Fact]
    public void Search_WrongVector_SaysBothDimensions()
    {
        ClssQueryException exception = Assert.Throws<ClssQueryException>(() => new ProteinSearch(_collection).Search(new ByVector("row 7", new float[5]), new SearchRequest()));
        Assert.Contains("row 7", exception.Message, StringComparison.Ordinal);
        Assert.Contains("5 numbers", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ClssQueryException>(() => new ProteinSearch(_collection).Search(new BySequence("q", new ProteinSequence("MKV")), new SearchRequest()));
    }

    [Fact]
    public void Search_ManyQueries_ComeInOrderAcrossBatches()
    {
        var search = new ProteinSearch(_embedder, _collection);
        IEnumerable<ProteinQuery> queries = Enumerable.Range(0, 1000).Select(i => new BySequence($"q{i}", new ProteinSequence(Residues[i % Residues.Length])));
        QueryResult[] results = [.. search.Search(queries, new SearchRequest { K = 1, TargetModality = Modality.Sequence })];
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => ($"q{i}", $"p{i % Residues.Length}")), results.Select(result => (result.Query.Name, result.Hits[0].Target)));
    }

    [Fact]
    public void Search_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var search = new ProteinSearch(_embedder, _collection);
        Assert.ThrowsAny<OperationCanceledException>(() => search.Search([new BySequence("q", new ProteinSequence("MKV"))], new SearchRequest(), source.Token).ToList());
    }

    [Fact]
    public void Create_CollectionOfAnotherModel_IsRefused()
    {
        using VectorCollection other = VectorCollection.Create(_folder.File("other"), new CollectionOptions { Dimension = _embedder.Dimension, Model = "sha256:0", ModelName = "another" });
        ModelMismatchException exception = Assert.Throws<ModelMismatchException>(() => new ProteinSearch(_embedder, other));
        Assert.Contains("another", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _collection.Dispose();
        _embedder.Dispose();
        _folder.Dispose();
    }

    private void Add(string key, string partition, ReadOnlyMemory<float> vector, int length) => _collection.Upsert(new VectorEntry
    {
        Key = key,
        Partition = partition,
        Vector = vector,
        Metadata = new Dictionary<string, MetadataValue> { ["length"] = MetadataValue.Integer(length) },
    });
}

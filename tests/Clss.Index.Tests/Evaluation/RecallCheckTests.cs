using Clss.Index.Evaluation;
using Clss.Testing;

namespace Clss.Index.Tests.Evaluation;

public sealed class RecallCheckTests : IDisposable
{
    private const int Dimension = 32;

    private static readonly RecallCheckOptions Quick = new() { WarmUp = TimeSpan.Zero };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measure_ExactIndex_MissesNothing()
    {
        using VectorCollection collection = Make(IndexKind.Exact, 300);
        RecallReport report = RecallCheck.Measure(collection, Quick with { Sample = 50 });
        Assert.Equal("exact", report.IndexKind);
        Assert.Equal((50, 50), (report.Queries, report.StoredQueries));
        Assert.Equal([1, 10, 100], report.Figures.Select(figure => figure.K));
        Assert.Equal(3, report.ExactMicroseconds.Count);
        Assert.All(report.Figures, figure =>
        {
            Assert.Equal((1.0, 1.0, 1.0), (figure.Recall, figure.High, figure.Complete));
            Assert.InRange(figure.Low, 0.9, 0.95);
            Assert.True(figure.Microseconds > 0);
        });
    }

    [Fact]
    public void Measure_GivenQueries_EqualsANaiveCount()
    {
        using VectorCollection collection = Make(IndexKind.Cells, 4000);
        float[][] queries = [.. Enumerable.Range(0, 40).Select(i => Samples.Unit(10_000 + i, Dimension))];
        VectorEntry[] rows = [.. collection.ReadAll()];
        var search = new SearchOptions { K = 1, Probes = 3 };
        RecallReport report = RecallCheck.Measure(collection, Quick with { Search = search, Sample = 0, Queries = queries.SelectMany(query => query.Select(x => 3 * x)).ToArray() });
        Assert.Equal("cells", report.IndexKind);
        Assert.Equal((40, 0), (report.Queries, report.StoredQueries));
        foreach (RecallFigure figure in report.Figures)
        {
            double[] recalls = [.. queries.Select(query => Share(Nearest(rows, query, figure.K), Found(collection, query, search with { K = figure.K })))];
            Assert.Equal(recalls.Average(), figure.Recall, 1e-9);
            Assert.Equal(recalls.Count(recall => recall == 1) / 40.0, figure.Complete, 1e-9);
            Assert.True(figure.Low <= figure.Recall && figure.Recall <= figure.High);
        }

        Assert.InRange(report.Figures[1].Recall, 0.05, 0.95);
    }

    [Fact]
    public void Measure_StoredRows_AreLeftOutOfTheirAnswers()
    {
        using VectorCollection collection = Make(IndexKind.Cells, 600);
        VectorEntry[] rows = [.. collection.ReadAll()];
        var search = new SearchOptions { K = 1, Probes = 2 };
        RecallReport report = RecallCheck.Measure(collection, Quick with { Search = search, Sample = 5000 });
        Assert.Equal(600, report.StoredQueries);
        double sum = rows.Sum(row => Share(
            Nearest([.. rows.Where(other => other.Key != row.Key)], row.Vector.ToArray(), 10),
            [.. Found(collection, row.Vector.ToArray(), search with { K = 11 }).Where(key => key != row.Key).Take(10)]));
        Assert.Equal(sum / rows.Length, report.Figures[1].Recall, 1e-9);
        Assert.InRange(report.Figures[1].Recall, 0.1, 0.99);
    }

    [Fact]
    public void Measure_EqualRows_CountWhicheverComesBack()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), Options(IndexKind.Cells));
        collection.Upsert([.. Enumerable.Range(0, 3000).Select(i => new VectorEntry { Key = $"k{i}", Vector = Samples.Unit(i % 7, Dimension) })]);
        collection.Compact();
        RecallReport report = RecallCheck.Measure(collection, Quick with { Sample = 100 });
        Assert.All(report.Figures, figure => Assert.Equal((1.0, 1.0), (figure.Recall, figure.Complete)));
    }

    [Fact]
    public void Measure_PartitionAndFilter_AreThoseOfTheSearch()
    {
        using VectorCollection collection = Make(IndexKind.Exact, 500);
        collection.Upsert([.. Enumerable.Range(0, 5).Select(i => new VectorEntry { Key = $"few{i}", Partition = "few", Vector = Samples.Unit(-i - 1, Dimension) })]);
        collection.Commit();
        RecallReport few = RecallCheck.Measure(collection, Quick with { Search = new SearchOptions { K = 1, Partition = "few" } });
        Assert.Equal((5, 5), (few.Queries, few.StoredQueries));
        Assert.All(few.Figures, figure => Assert.Equal(1, figure.Recall));

        // Rows are drawn whether or not the filter accepts them; the one that it accepts has no other to find.
        var one = new Filter.Equal("key", MetadataValue.Text("few3"));
        RecallReport filtered = RecallCheck.Measure(collection, Quick with { Search = new SearchOptions { K = 1, Partition = "few", Filter = one } });
        Assert.Equal(4, filtered.Queries);
        Assert.Equal(1, filtered.Figures[2].Recall);
    }

    [Fact]
    public void Measure_SameSeed_GivesTheSameFigures()
    {
        using VectorCollection collection = Make(IndexKind.Cells, 3000);
        var options = Quick with { Sample = 100, Seed = 5, Search = new SearchOptions { K = 1, Probes = 2 } };
        double[] Run(RecallCheckOptions chosen) => [.. RecallCheck.Measure(collection, chosen).Figures.SelectMany(figure => (double[])[figure.Recall, figure.Low, figure.High, figure.Complete])];
        Assert.Equal(Run(options), Run(options));
        Assert.NotEqual(Run(options), Run(options with { Seed = 6 }));
    }

    [Fact]
    public void Measure_NothingToMeasure_SaysWhy()
    {
        using VectorCollection collection = Make(IndexKind.Exact, 20);
        void Refuses(string because, RecallCheckOptions options) =>
            Assert.Contains(because, Assert.Throws<ClssIndexException>(() => RecallCheck.Measure(collection, options)).Message, StringComparison.Ordinal);
        Refuses("nothing to ask", Quick with { Sample = 0 });
        Refuses("33 elements", Quick with { Queries = new float[33] });
        Refuses("Query 1", Quick with { Sample = 0, Queries = (float[])[.. Samples.Unit(1, Dimension), .. new float[Dimension]] });
        Refuses("\"other\"", Quick with { Search = new SearchOptions { K = 1, Partition = "other" } });
        Refuses("No row qualifies", Quick with { Search = new SearchOptions { K = 1, Filter = new Filter.Equal("key", MetadataValue.Text("none")) } });
        using var empty = VectorCollection.Create(_folder.File("empty"), Options(IndexKind.Auto));
        Assert.Contains("empty", Assert.Throws<ClssIndexException>(() => RecallCheck.Measure(empty)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_Progress_EndsAtTheTotal()
    {
        using VectorCollection collection = Make(IndexKind.Cells, 2000);
        var seen = new List<RecallProgress>();
        RecallCheck.Measure(collection, Quick with { Sample = 150 }, new Collector(seen));
        Assert.Equal(seen.Select(progress => progress.Done).Order(), seen.Select(progress => progress.Done));
        Assert.All(seen, progress => Assert.Equal(seen[^1].Done, progress.Total));

        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => RecallCheck.Measure(collection, cancellationToken: source.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => RecallCheck.Tune(collection, 0.9, cancellationToken: source.Token));
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.95)]
    [InlineData(1.0)]
    public void Tune_Cells_FindsTheSmallestSettings(double target)
    {
        using VectorCollection collection = Make(IndexKind.Cells, 4000);
        TuningReport report = RecallCheck.Tune(collection, target, Quick with { Sample = 200 });
        Assert.Equal("cells", report.IndexKind);
        Assert.Equal(200, report.Queries);
        Assert.True(report.ExactMicroseconds > 0);

        Assert.True(report.ByRecall.Figure.Recall >= target);
        TuningPoint[] byRecall = [.. report.Curve.Where(point => point.Recall is not null)];
        Assert.Equal(byRecall.OrderBy(point => point.Recall), byRecall);
        Assert.All(byRecall.TakeWhile(point => point != report.ByRecall), point => Assert.True(point.Figure.Recall < target));
        Assert.Equal(1, byRecall[^1].Figure.Recall);

        Assert.NotNull(report.ByProbes);
        Assert.True(report.ByProbes.Figure.Recall >= target);
        Assert.True(report.ByProbes.Probes > 1);
        TuningPoint before = report.Curve.Single(point => point.Probes == report.ByProbes.Probes - 1);
        Assert.True(before.Figure.Recall < target);

        // What was found holds outside, too.
        RecallReport check = RecallCheck.Measure(collection, Quick with { Sample = 200, Search = new SearchOptions { K = 1, Probes = report.ByProbes.Probes } });
        Assert.Equal(report.ByProbes.Figure.Recall, check.Figures[1].Recall);
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.97)]
    public void Tune_Graph_FindsTheSmallestSettings(double target)
    {
        using VectorCollection collection = Make(IndexKind.Hnsw, 3000);
        TuningReport report = RecallCheck.Tune(collection, target, Quick with { Sample = 150, Search = new SearchOptions { K = 1, EfSearch = 3000 } });
        Assert.Equal("hnsw", report.IndexKind);
        Assert.Null(report.ByProbes);
        Assert.DoesNotContain(report.Curve, point => point.Probes is not null);
        Assert.True(report.ByRecall.Figure.Recall >= target);
        Assert.True(report.Curve[0].Figure.Recall < 1);

        Assert.NotNull(report.ByEfSearch);
        Assert.Equal((null, null), (report.ByEfSearch.Recall, report.ByEfSearch.Probes));
        Assert.True(report.ByEfSearch.Figure.Recall >= target);
        TuningPoint[] byEfSearch = [.. report.Curve.Where(point => point.EfSearch is not null)];
        Assert.Equal(byEfSearch.OrderBy(point => point.EfSearch), byEfSearch);
        Assert.True(byEfSearch[0] == report.ByEfSearch || report.Curve.Single(point => point.EfSearch == report.ByEfSearch.EfSearch - 1).Figure.Recall < target);

        RecallReport check = RecallCheck.Measure(collection, Quick with { Sample = 150, Search = new SearchOptions { K = 1, EfSearch = report.ByEfSearch.EfSearch } });
        Assert.Equal(report.ByEfSearch.Figure.Recall, check.Figures[1].Recall);
        Assert.All(check.Figures, figure => Assert.Equal(0, figure.Certified));
    }

    [Fact]
    public void Measure_OfCells_CountsWhatIsCertified()
    {
        using VectorCollection collection = Make(IndexKind.Cells, 4000);
        foreach (double recall in (double[])[0.5, 0.99, 1])
        {
            RecallReport report = RecallCheck.Measure(collection, Quick with { Sample = 60, Search = new SearchOptions { K = 1, Recall = recall } });
            Assert.All(report.Figures, figure => Assert.InRange(figure.Certified, recall == 1 ? 1 : 0, figure.Complete));
        }
    }

    [Fact]
    public void Tune_ExactIndex_HasNothingToTune()
    {
        using VectorCollection collection = Make(IndexKind.Exact, 200);
        TuningReport report = RecallCheck.Tune(collection, 0.9, Quick);
        Assert.Equal("exact", report.IndexKind);
        Assert.Equal(1, report.ByRecall.Recall);
        Assert.Null(report.ByProbes);
        Assert.Null(report.ByEfSearch);
        Assert.Equal([report.ByRecall], report.Curve);
        Assert.Throws<ClssIndexException>(() => RecallCheck.Tune(collection, 0));
        Assert.Throws<ClssIndexException>(() => RecallCheck.Tune(collection, 1.01));
        Assert.Throws<ClssIndexException>(() => RecallCheck.Tune(collection, double.NaN));
    }

    private static CollectionOptions Options(IndexKind kind) =>
        new() { Dimension = Dimension, Index = new IndexOptions { Kind = kind, Cells = new CellParameters { RowsPerCell = 32 } } };

    private VectorCollection Make(IndexKind kind, int rows)
    {
        var collection = VectorCollection.Create(_folder.File("db"), Options(kind));
        collection.Upsert([.. Enumerable.Range(0, rows).Select(i => new VectorEntry { Key = $"k{i}", Vector = Samples.Unit(i, Dimension) })]);
        collection.Compact();
        return collection;
    }

    private static string[] Nearest(VectorEntry[] rows, float[] query, int k) =>
        [.. rows.OrderByDescending(row => Cosine(row.Vector.Span, query)).Take(k).Select(row => row.Key)];

    private static double Cosine(ReadOnlySpan<float> row, float[] query)
    {
        double sum = 0;
        for (int i = 0; i < query.Length; i++)
        {
            sum += (double)row[i] * query[i];
        }

        return sum;
    }

    private static string[] Found(VectorCollection collection, float[] query, SearchOptions options)
    {
        var neighbors = new Neighbor[options.K];
        int count = collection.Search(query, options, neighbors);
        return [.. neighbors.Take(count).Select(neighbor => collection[neighbor.Ordinal].Key)];
    }

    private static double Share(string[] truth, string[] found) => (double)truth.Intersect(found).Count() / truth.Length;

    private sealed class Collector(List<RecallProgress> seen) : IProgress<RecallProgress>
    {
        public void Report(RecallProgress value) => seen.Add(value);
    }
}

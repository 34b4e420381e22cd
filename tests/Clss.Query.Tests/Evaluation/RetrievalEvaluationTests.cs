using Clss.Query.Evaluation;

namespace Clss.Query.Tests.Evaluation;

public class RetrievalEvaluationTests
{
    // Around a block of 32 queries and a tile of 256 targets.
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(9, 2)]
    [InlineData(31, 7)]
    [InlineData(33, 32)]
    [InlineData(255, 5)]
    [InlineData(256, 4)]
    [InlineData(257, 33)]
    [InlineData(600, 8)]
    public void Compare_OfRandomSets_EqualsTheNaiveTwin(int count, int dimension)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            var random = new Random((count * 31) + seed);

            // Few values: many targets are equally similar, and whole vectors are repeated.
            bool coarse = seed % 2 == 0;
            (string[] superfamilies, string[] folds) = Labels(random, count);
            float[][] queries = Vectors(random, count, dimension, coarse);
            float[][] targets = seed < 2 ? queries : Vectors(random, count, dimension, coarse);
            PairFigures expected = NaiveRetrieval.Compare(superfamilies, folds, queries, targets);
            var evaluation = new RetrievalEvaluation(superfamilies, folds);
            foreach (int threads in (int[])[1, 0])
            {
                Assert.Equal(expected, evaluation.Compare(Flat(queries), Flat(targets), dimension, threads, TestContext.Current.CancellationToken));
            }
        }
    }

    [Fact]
    public void Compare_OfEquallySimilarTargets_TakesTheLowerRow()
    {
        float[] same = [1, 0, 1, 0, 1, 0];
        PairFigures first = new RetrievalEvaluation(["a", "a", "b"], ["f", "f", "f"]).Compare(same, same, dimension: 2);
        Assert.Equal(1.0, first.Retrieval.SuperfamilyR1);
        Assert.Equal(1.0 / 3, first.Partner.R1);
        Assert.Equal(1.0, first.Partner.R10);

        // The third is nearest to nobody: another is as similar and comes before.
        PairFigures last = new RetrievalEvaluation(["a", "b", "a"], ["f", "f", "f"]).Compare(same, same, dimension: 2);
        Assert.Equal(0.5, last.Retrieval.SuperfamilyR1);
        Assert.Equal(1.0, last.Retrieval.FoldR1);
    }

    [Fact]
    public void Compare_OfSingletons_HasNoShare()
    {
        float[] vectors = [1, 0, 0, 1];
        RetrievalFigures figures = new RetrievalEvaluation(["a", "b"], ["f", "g"]).Compare(vectors, vectors, dimension: 2).Retrieval;
        Assert.Equal(new RetrievalFigures { SuperfamilyR1 = null, FoldR1 = null, FoldR1OwnSuperfamilyRemoved = null, Queries = 0, QueriesOwnSuperfamilyRemoved = 0 }, figures);
    }

    [Fact]
    public void Compare_OfWrongVectors_IsRefused()
    {
        var evaluation = new RetrievalEvaluation(["a", "a"], ["f", "f"]);
        Assert.Throws<ArgumentException>(() => evaluation.Compare(new float[3], new float[4], dimension: 2));
        ClssQueryException exception = Assert.Throws<ClssQueryException>(() => evaluation.Compare(new float[4], new float[] { 0, 0, 0, float.NaN }, dimension: 2));
        Assert.Contains("domain 1", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RetrievalEvaluation(["a"], []));
    }

    [Fact]
    public void Compare_Cancelled_Throws()
    {
        var evaluation = new RetrievalEvaluation(["a", "a"], ["f", "f"]);
        Assert.ThrowsAny<OperationCanceledException>(() => evaluation.Compare(new float[4], new float[4], dimension: 2, threads: 0, new CancellationToken(canceled: true)));
    }

    private static (string[] Superfamilies, string[] Folds) Labels(Random random, int count)
    {
        int groups = 1 + (count / 3);
        string[] superfamilies = [.. Enumerable.Range(0, count).Select(_ => $"s{random.Next(groups)}")];
        return (superfamilies, [.. superfamilies.Select(superfamily => $"f{int.Parse(superfamily.AsSpan(1), provider: null) / 3}")]);
    }

    private static float[][] Vectors(Random random, int count, int dimension, bool coarse) =>
    [
        .. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimension)
            .Select(_ => coarse ? random.Next(-2, 3) / 4f : (random.NextSingle() * 2) - 1).ToArray()),
    ];

    private static float[] Flat(float[][] vectors) => [.. vectors.SelectMany(vector => vector)];
}

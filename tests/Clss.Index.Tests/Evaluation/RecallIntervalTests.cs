using Clss.Index.Evaluation;

namespace Clss.Index.Tests.Evaluation;

public class RecallIntervalTests
{
    [Fact]
    public void Of_OneNeighbor_IsWilsons()
    {
        // 8 of 10: 0.4902 to 0.9433 (Newcombe 1998, method 3, by hand).
        (double low, double high) = RecallInterval.Of([1, 1, 0, 1, 1, 1, 0, 1, 1, 1], 1);
        Assert.Equal(0.4902, low, 1e-4);
        Assert.Equal(0.9433, high, 1e-4);
    }

    [Fact]
    public void Of_NothingMissed_StillHasAWidth()
    {
        (double low, double high) = RecallInterval.Of(Enumerable.Repeat(1.0, 1000).ToArray(), 10);
        Assert.Equal(1 / (1 + (1.959964 * 1.959964 / 1000)), low, 1e-9);
        Assert.Equal(1, high);
        (low, high) = RecallInterval.Of(new double[1000], 10);
        Assert.Equal(0, low);
        Assert.InRange(high, 0.003, 0.004);
    }

    [Fact]
    public void Of_NeighborsMissedTogether_IsAsWideAsForQueries()
    {
        // 5 % of the queries miss all of their ten neighbours: what was seen is 200 times yes or no, not 2,000 times.
        double[] together = [.. Enumerable.Range(0, 200).Select(i => i % 20 == 0 ? 0.0 : 1.0)];
        (double lowOne, double highOne) = RecallInterval.Of(together, 1);
        (double lowTen, double highTen) = RecallInterval.Of(together, 10);
        Assert.Equal((lowOne, highOne), (lowTen, highTen));

        // Every query misses one of twenty: there is less to be wrong about.
        (double low, double high) = RecallInterval.Of([.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 0.9 : 1.0)], 10);
        Assert.True(high - low < (highTen - lowTen) / 2);
    }

    [Theory]
    [InlineData(0.99, 0.3)]
    [InlineData(0.9, 0.5)]
    [InlineData(0.6, 0.0)]
    public void Of_ManySamples_HoldsTheTruthInNineteenOfTwenty(double recall, double correlated)
    {
        // A share of the queries loses all neighbours or none; the others lose each by itself.
        const int Queries = 500;
        const int K = 10;
        const int Rounds = 1000;
        var random = new Random(17);
        int held = 0;
        var recalls = new double[Queries];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Queries; i++)
            {
                recalls[i] = random.NextDouble() < correlated
                    ? random.NextDouble() < recall ? 1 : 0
                    : Enumerable.Range(0, K).Count(_ => random.NextDouble() < recall) / (double)K;
            }

            (double low, double high) = RecallInterval.Of(recalls, K);
            held += low <= recall && recall <= high ? 1 : 0;
        }

        // Wider than needed where a few queries lose everything: a sample cannot tell how few they are.
        Assert.InRange(held / (double)Rounds, 0.94, 0.995);
    }
}

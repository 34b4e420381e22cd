using Clss.Query.Evaluation;

namespace Clss.Query.Tests.Evaluation;

/// <summary>The same counts in the plainest way: every query sorts all targets.</summary>
internal static class NaiveRetrieval
{
    public static PairFigures Compare(string[] superfamilies, string[] folds, float[][] queries, float[][] targets)
    {
        int n = queries.Length;
        int[][] order = [.. queries.Select(query => Enumerable.Range(0, n).OrderByDescending(row => Dot(query, targets[row])).ThenBy(row => row).ToArray())];
        int[] relatives = [.. Enumerable.Range(0, n).Where(i => Enumerable.Range(0, n).Any(j => j != i && superfamilies[j] == superfamilies[i]))];
        int[] distant = [.. Enumerable.Range(0, n).Where(i => Enumerable.Range(0, n).Any(j => folds[j] == folds[i] && superfamilies[j] != superfamilies[i]))];
        int Nearest(int i) => order[i].First(row => row != i);
        int Distant(int i) => order[i].First(row => superfamilies[row] != superfamilies[i]);
        return new PairFigures(
            new RetrievalFigures
            {
                SuperfamilyR1 = Share(relatives, i => superfamilies[Nearest(i)] == superfamilies[i]),
                FoldR1 = Share(relatives, i => folds[Nearest(i)] == folds[i]),
                FoldR1OwnSuperfamilyRemoved = Share(distant, i => folds[Distant(i)] == folds[i]),
                Queries = relatives.Length,
                QueriesOwnSuperfamilyRemoved = distant.Length,
            },
            new PartnerFigures
            {
                R1 = Share([.. Enumerable.Range(0, n)], i => order[i][0] == i),
                R10 = Share([.. Enumerable.Range(0, n)], i => order[i].Take(10).Contains(i)),
                Queries = n,
            });
    }

    private static double? Share(int[] queries, Func<int, bool> isHit) => queries.Length == 0 ? null : (double)queries.Count(isHit) / queries.Length;

    private static double Dot(float[] left, float[] right)
    {
        double sum = 0;
        for (int k = 0; k < left.Length; k++)
        {
            sum += (double)left[k] * right[k];
        }

        return sum;
    }
}

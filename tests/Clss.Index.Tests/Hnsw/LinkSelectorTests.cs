using Clss.Index.Hnsw;

namespace Clss.Index.Tests.Hnsw;

/// <summary>The choice of links against algorithm 4 of the paper, written naively.</summary>
[Trait("Tier", "any")]
public sealed unsafe class LinkSelectorTests
{
    public static TheoryData<string, int> Cases => new(
        from string kind in (string[])["uniform", "clusters", "pairs", "equal", "two points", "one axis", "line", "few"]
        from int limit in (int[])[1, 4, 16, 17, 32, 64]
        select new TheoryDataRow<string, int>(kind, limit));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Choose_AmongCandidates_IsTheHeuristicOfThePaper(string kind, int limit)
    {
        using var rows = Rows.Of(kind, 301, 17);
        using var selector = new LinkSelector(rows.Stride);
        int* chosen = stackalloc int[limit];
        for (int seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            int self = random.Next(rows.Count);
            int[] candidates = [.. Enumerable.Range(0, rows.Count).Where(row => row != self).OrderBy(_ => random.Next()).Take(1 + random.Next(250))];
            selector.Begin(candidates.Length);
            foreach (int candidate in candidates)
            {
                selector.Add(candidate, Similarity(rows, self, candidate));
            }

            int count = selector.Choose(rows.Pointer, default, limit, chosen);
            Assert.Equal(Naive(rows, self, candidates, limit), new Span<int>(chosen, count).ToArray());
        }
    }

    [Fact]
    public void Choose_AmongALineOfPoints_TakesTheNearestOnEachSide()
    {
        // 0° to 300° in steps: of the points ahead all but the next are nearer to the next than to the base, and so behind.
        using var rows = Rows.Of("line", 61, 0);
        using var selector = new LinkSelector(rows.Stride);
        int* chosen = stackalloc int[8];
        selector.Begin(20);
        foreach (int candidate in Enumerable.Range(20, 21).Where(row => row != 30))
        {
            selector.Add(candidate, Similarity(rows, 30, candidate));
        }

        int count = selector.Choose(rows.Pointer, default, 8, chosen);
        Assert.Equal([29, 31], new Span<int>(chosen, count).ToArray().Order());
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 12)]
    [InlineData(16, 32)]
    public void ChooseMore_BesideKeptLinks_KeepsThemAndFillsUp(int kept, int wanted)
    {
        using var rows = Rows.Of("clusters", 301, 18);
        using var selector = new LinkSelector(rows.Stride);
        int[] candidates = [.. Enumerable.Range(kept + 1, 100)];
        int* chosen = stackalloc int[32];
        selector.Begin(candidates.Length);
        for (int i = 0; i < kept; i++)
        {
            chosen[i] = i + 1;
        }

        foreach (int candidate in candidates)
        {
            selector.Add(candidate, Similarity(rows, 0, candidate));
        }

        List<int> expected = [.. Enumerable.Range(1, kept)];
        int[] ordered = [.. candidates.OrderByDescending(row => Similarity(rows, 0, row)).ThenBy(row => row)];
        foreach (int row in ordered)
        {
            if (expected.Count < 32 && expected.All(other => Similarity(rows, other, row) <= Similarity(rows, 0, row)))
            {
                expected.Add(row);
            }
        }

        expected.AddRange([.. ordered.Except(expected).Take(Math.Max(0, wanted - expected.Count))]);
        int count = selector.ChooseMore(rows.Pointer, default, kept, wanted, 32, chosen);
        Assert.Equal(expected, new Span<int>(chosen, count).ToArray());
    }

    private static int[] Naive(Rows rows, int self, int[] candidates, int limit)
    {
        List<int> taken = [];
        foreach (int candidate in candidates.OrderByDescending(row => Similarity(rows, self, row)).ThenBy(row => row))
        {
            if (taken.Count < limit && taken.All(other => Similarity(rows, other, candidate) <= Similarity(rows, self, candidate)))
            {
                taken.Add(candidate);
            }
        }

        return [.. taken];
    }

    /// <summary>The definition of <see cref="BuildKernel"/>, element by element.</summary>
    private static float Similarity(Rows rows, int left, int right)
    {
        var sums = new float[4];
        for (int j = 0; j < rows.Stride; j++)
        {
            float product = rows[left][j] * rows[right][j];
            sums[j % 4] += product;
        }

        return (sums[0] + sums[2]) + (sums[1] + sums[3]);
    }
}

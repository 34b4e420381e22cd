using Clss.Index.Cells;

namespace Clss.Index.Tests.Cells;

/// <summary>Selections from scores against LINQ, with ties, -∞ and few different values.</summary>
[Trait("Tier", "any")]
public sealed unsafe class ScoreKernelTests
{
    public static TheoryData<int, string> Arrays
    {
        get
        {
            var arrays = new TheoryData<int, string>();
            foreach (int count in (int[])[0, 8, 16, 24, 64, 256])
            {
                foreach (string shape in (string[])["random", "few values", "equal", "half infinite", "one finite", "all infinite", "ascending", "descending"])
                {
                    arrays.Add(count, shape);
                }
            }

            return arrays;
        }
    }

    [Theory]
    [MemberData(nameof(Arrays))]
    public void Largest_IsTheFirstOfTheGreatest(int count, string shape)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            float[] scores = Scores(count, shape, seed);
            float greatest = scores.Append(float.NegativeInfinity).Max();
            int expected = float.IsNegativeInfinity(greatest) ? -1 : Array.IndexOf(scores, greatest);
            fixed (float* pointer = new float[Math.Max(1, count)])
            {
                scores.CopyTo(new Span<float>(pointer, count));
                Assert.Equal(expected, ScoreKernel.Largest(pointer, count));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Arrays))]
    public void Passing_HasEveryPositionAboveTheMark(int count, string shape)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            float[] scores = Scores(count, shape, seed);
            float[] spreads = [.. scores.Select(_ => random.Next(6) == 0 ? float.NegativeInfinity : random.NextSingle() / 4)];
            foreach (float margin in (float[])[0, 0.5f, 3])
            {
                foreach (float mark in scores.Take(5).Concat([float.NegativeInfinity, 0, 0.25f, 5]))
                {
                    int[] expected = [.. Enumerable.Range(0, count).Where(i => scores[i] + (spreads[i] * margin) > mark)];
                    var positions = new int[count + 1];
                    positions[^1] = -7;
                    fixed (float* scorePointer = scores.Append(0f).ToArray())
                    fixed (float* spreadPointer = spreads.Append(0f).ToArray())
                    fixed (int* positionPointer = positions)
                    {
                        int found = ScoreKernel.Passing(scorePointer, spreadPointer, margin, mark, count, positionPointer);
                        Assert.Equal(expected, positions[..found]);
                    }

                    Assert.Equal(-7, positions[^1]);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Arrays))]
    public void AtMostKth_IsReachedByKAndCloseToTheKth(int count, string shape)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            float[] scores = Scores(count, shape, seed);
            float[] finite = [.. scores.Where(float.IsFinite).OrderDescending()];
            foreach (int k in (int[])[1, 2, 7, count / 2, count, count + 1])
            {
                if (k < 1 || count == 0)
                {
                    continue;
                }

                float value;
                fixed (float* pointer = scores)
                {
                    value = ScoreKernel.AtMostKth(pointer, count, k);
                }

                if (finite.Length < k)
                {
                    Assert.Equal(float.NegativeInfinity, value);
                    continue;
                }

                Assert.InRange(scores.Count(score => score >= value), k, count);
                Assert.InRange(value, finite[k - 1] - ((finite[0] - finite[^1]) / 500), finite[k - 1]);
            }
        }
    }

    private static float[] Scores(int count, string shape, int seed)
    {
        var random = new Random((seed * 100) + count);
        float constant = random.NextSingle();
        return [.. Enumerable.Range(0, count).Select(i => shape switch
        {
            "few values" => random.Next(3) / 2f,
            "equal" => constant,
            "half infinite" => random.Next(2) == 0 ? float.NegativeInfinity : random.NextSingle() - 0.5f,
            "one finite" => i == (seed * 5) % Math.Max(1, count) ? constant : float.NegativeInfinity,
            "all infinite" => float.NegativeInfinity,
            "ascending" => i / 300f,
            "descending" => -i / 300f,
            _ => (2 * random.NextSingle()) - 1,
        })];
    }
}

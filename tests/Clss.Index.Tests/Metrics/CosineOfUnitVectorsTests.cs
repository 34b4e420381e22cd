using Clss.Index.Metrics;

namespace Clss.Index.Tests.Metrics;

[Trait("Tier", "any")]
public class CosineOfUnitVectorsTests
{
    [Fact]
    public unsafe void Similarity_OnEveryWidthAndLength_IsTheSameBits()
    {
        var random = new Random(11);
        for (int length = 0; length <= 256; length += CosineOfUnitVectors.Lanes)
        {
            float[] left = [.. Enumerable.Range(0, length + 1).Select(_ => (float)Math.Pow(10, (random.NextDouble() * 8) - 4) * (random.Next(2) - 0.5f))];
            float[] right = [.. Enumerable.Range(0, length + 1).Select(_ => (float)(random.NextDouble() - 0.5))];
            fixed (float* a = left)
            fixed (float* b = right)
            {
                float expected = Defined(left, right, length);
                Assert.Equal(expected, CosineOfUnitVectors.Similarity(a, b, length));
                Assert.Equal(expected, CosineOfUnitVectors.SimilarityScalar(a, b, length));
                Assert.Equal(expected, CosineOfUnitVectors.Similarity256(a, b, length));
                Assert.Equal(expected, CosineOfUnitVectors.Similarity512(a, b, length));
            }
        }

    }

    /// <summary>The definition, written out.</summary>
    private static float Defined(float[] left, float[] right, int length)
    {
        var sums = new double[8];
        for (int j = 0; j < length; j++)
        {
            sums[j % 8] += (double)left[j] * right[j];
        }

        return (float)(((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
    }
}

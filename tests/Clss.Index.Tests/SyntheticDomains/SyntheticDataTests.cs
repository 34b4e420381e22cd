using System.Runtime.InteropServices;
using Clss.Testing;
using Clss.Testing.SyntheticDomains;

namespace Clss.Index.Tests.SyntheticDomains;

/// <summary>
/// The benchmark's data is the same to the bit wherever it is made: hashes of the bytes as the original C++ generator
/// (g++ -O2 -std=c++17 -ffp-contract=off) writes them.
/// </summary>
public sealed class SyntheticDataTests
{
    private const int Dimension = SyntheticData.Dimension;

    [Theory]
    [InlineData(nameof(SyntheticKind.Base), 3_000, SyntheticData.DefaultSeed, 0xaec42453d41d6f4aUL)]
    [InlineData(nameof(SyntheticKind.Base), 3_000, 7UL, 0xed22e5cd67e4d42dUL)]
    [InlineData(nameof(SyntheticKind.Base), 1, SyntheticData.DefaultSeed, 0x46fa97f31528fb80UL)]
    [InlineData(nameof(SyntheticKind.Query), SyntheticData.Queries, SyntheticData.DefaultSeed, 0x181729efcac6976cUL)]
    [InlineData(nameof(SyntheticKind.Query), SyntheticData.Queries, 7UL, 0x25cd13381b5caad6UL)]
    [InlineData(nameof(SyntheticKind.UniformBase), 3_000, SyntheticData.DefaultSeed, 0x75fa5bd91ed1e302UL)]
    [InlineData(nameof(SyntheticKind.UniformBase), 3_000, 7UL, 0x3b5439a44e1ba697UL)]
    [InlineData(nameof(SyntheticKind.UniformQuery), 3_000, SyntheticData.DefaultSeed, 0xfe3ef447df41d902UL)]
    [InlineData(nameof(SyntheticKind.UniformQuery), 3_000, 7UL, 0xb3ef0c9a4c3e13c2UL)]
    public void Vectors_OfEveryKind_HaveTheBytesOfTheOriginal(string kind, int count, ulong seed, ulong expected) =>
        Assert.Equal(expected, Hash(MemoryMarshal.AsBytes<float>(new SyntheticData(seed).Vectors(Enum.Parse<SyntheticKind>(kind), count))));

    [Theory]
    [InlineData(3_000, SyntheticData.DefaultSeed, 0x29f45e4107df05f3UL)]
    [InlineData(3_000, 7UL, 0xc6a2ff112b961affUL)]
    [InlineData(200_000, SyntheticData.DefaultSeed, 0xf4aa1962b1bb971fUL)]
    public void LabelOfRow_OfTheFirstRows_AreThoseOfTheOriginal(int count, ulong seed, ulong expected)
    {
        var data = new SyntheticData(seed);
        var labels = new int[count * 6];
        for (int row = 0; row < count; row++)
        {
            DomainLabel label = data.LabelOfRow(row);
            int[] numbers = [label.X, (int)label.H, (int)label.T, (int)label.F, (int)label.Cluster, row % 2];
            numbers.CopyTo(labels, row * 6);
        }

        Assert.Equal(expected, Hash(MemoryMarshal.AsBytes<int>(labels)));
    }

    [Fact]
    public void Vectors_OfASmallerSet_AreTheFirstOfALargerOne()
    {
        var data = new SyntheticData();
        float[] large = data.Vectors(SyntheticKind.Base, 10_000);
        Assert.Equal(large[..(777 * Dimension)], data.Vectors(SyntheticKind.Base, 777));

        // Rows from the middle, made by an object that has met nothing else.
        var middle = new float[100 * Dimension];
        new SyntheticData().Fill(SyntheticKind.Base, 5_000, middle);
        Assert.Equal(large[(5_000 * Dimension)..(5_100 * Dimension)], middle);
    }

    [Fact]
    public void Vectors_OfEveryKind_HaveUnitLength()
    {
        foreach (SyntheticKind kind in Enum.GetValues<SyntheticKind>())
        {
            float[] vectors = new SyntheticData(3).Vectors(kind, 500);
            for (int row = 0; row < 500; row++)
            {
                double sum = vectors.AsSpan(row * Dimension, Dimension).ToArray().Sum(x => (double)x * x);
                Assert.InRange(sum, 1 - 1e-6, 1 + 1e-6);
            }
        }
    }

    [Fact]
    public void LabelOfQuery_OfASegment_IsThatOfItsDomain()
    {
        var data = new SyntheticData();
        Assert.Null(data.LabelOfQuery(9_000));
        Assert.NotNull(data.LabelOfQuery(8_999));

        // Query 5,000 is a segment of a domain of the base: some row of its F-group is close to it.
        float[] query = new float[Dimension];
        data.Fill(SyntheticKind.Query, 5_000, query);
        float[] rows = data.Vectors(SyntheticKind.Base, 100_000);
        ulong family = data.LabelOfQuery(5_000)!.Value.F;
        double best = Enumerable.Range(0, 100_000).Where(row => data.LabelOfRow(row).F == family)
            .Max(row => Enumerable.Range(0, Dimension).Sum(j => (double)query[j] * rows[(row * Dimension) + j]));
        Assert.InRange(best, 0.6, 1);
    }

    [Fact]
    public void WriteFile_OfAKind_HoldsItsVectors()
    {
        using var folder = new TemporaryFolder();
        var data = new SyntheticData();
        data.WriteFile(folder.File("base.f32"), SyntheticKind.Base, 5_000);
        Assert.Equal(MemoryMarshal.AsBytes<float>(data.Vectors(SyntheticKind.Base, 5_000)).ToArray(), File.ReadAllBytes(folder.File("base.f32")));
    }

    /// <summary>FNV-1a of 64 bits, started as the original starts it.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 1469598103934665603;
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}

using System.Runtime.Intrinsics;
using Clss.Embedder.Tensors.Cpu;

namespace Clss.Embedder.Tests.Tensors;

[Trait("Tier", "any")]
public class CpuTierTests
{
    /// <summary>A switch that the runtime does not know is ignored without a word; this notices.</summary>
    [Fact]
    public void Tier_ClaimedByTheEnvironment_IsInForce()
    {
        string? claimed = Environment.GetEnvironmentVariable("CLSS_EXPECT_TIER");
        using var backend = new CpuTensorBackend(1);
        CpuTier expected = claimed switch
        {
            "avx512" => CpuTier.Vector512,
            "avx2" => CpuTier.Vector256,
            "vector128" => CpuTier.Vector128,
            "scalar" => CpuTier.Scalar,
            null or "" => backend.Tier,
            _ => throw new InvalidOperationException($"CLSS_EXPECT_TIER is '{claimed}', expected avx512, avx2, vector128 or scalar."),
        };
        Assert.Equal(expected, backend.Tier);
        Assert.Equal(expected >= CpuTier.Vector512, Vector512.IsHardwareAccelerated);
        Assert.Equal(expected >= CpuTier.Vector256, Vector256.IsHardwareAccelerated);
        Assert.Equal(expected >= CpuTier.Vector128, Vector128.IsHardwareAccelerated);
    }
}

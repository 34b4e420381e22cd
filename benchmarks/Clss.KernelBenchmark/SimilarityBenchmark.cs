using BenchmarkDotNet.Attributes;
using Clss.Index.Metrics;

namespace Clss.KernelBenchmark;

/// <summary>The similarity proper, in double precision: time per row.</summary>
public unsafe class SimilarityBenchmark : KernelBenchmarkBase
{
    private delegate*<float*, float*, int, float> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Avx512, Tiers.Avx2, Tiers.Scalar);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public float Similarity()
    {
        float sum = 0;
        for (int row = 0; row < TileData.Rows; row++)
        {
            sum += _kernel(Data.Query, Data.Vectors + (row * TileData.Stride), TileData.Stride);
        }

        return sum;
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Avx512 => &CosineOfUnitVectors.Similarity512,
        Tiers.Avx2 => &CosineOfUnitVectors.Similarity256,
        Tiers.Scalar => &CosineOfUnitVectors.SimilarityScalar,
        _ => throw UnknownTier(),
    };
}

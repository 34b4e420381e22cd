using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;

namespace Clss.KernelBenchmark;

/// <summary>The transposition of tiles that a batch begins with: time per row.</summary>
public unsafe class TransposeBenchmark : KernelBenchmarkBase
{
    private delegate*<float*, int, float*, void> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Avx2, Tiers.Scalar);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public void Transpose()
    {
        for (int tile = 0; tile < TileData.Tiles; tile++)
        {
            _kernel(Data.Tile(tile), TileData.Stride, Data.TransposedTile(tile));
        }
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Avx2 => &Float32BatchKernel.Transpose256,
        Tiers.Scalar => &Float32BatchKernel.TransposeScalar,
        _ => throw UnknownTier(),
    };
}

using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;

namespace Clss.KernelBenchmark;

/// <summary>One query against float32 rows: time per row.</summary>
public unsafe class Float32KernelBenchmark : KernelBenchmarkBase
{
    private delegate*<float*, int, float*, float, ulong> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Avx512, Tiers.Avx2, Tiers.Vector128Bits, Tiers.Scalar);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public ulong Exceeding()
    {
        ulong masks = 0;
        for (int tile = 0; tile < TileData.Tiles; tile++)
        {
            masks ^= _kernel(Data.Tile(tile), TileData.Stride, Data.Query, TileData.Limit);
        }

        return masks;
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Avx512 => &Float32Kernel.Exceeding512,
        Tiers.Avx2 => &Float32Kernel.Exceeding256,
        Tiers.Vector128Bits => &Float32Kernel.Exceeding128,
        Tiers.Scalar => &Float32Kernel.ExceedingScalar,
        _ => throw UnknownTier(),
    };
}

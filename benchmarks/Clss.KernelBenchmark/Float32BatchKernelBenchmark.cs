using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;

namespace Clss.KernelBenchmark;

/// <summary>Four queries against transposed float32 rows: time per row and query.</summary>
public unsafe class Float32BatchKernelBenchmark : KernelBenchmarkBase
{
    private delegate*<float*, int, float*, float*, ulong*, void> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Avx512, Tiers.Avx2, Tiers.Vector128Bits, Tiers.Scalar);

    [Benchmark(OperationsPerInvoke = TileData.Rows * TileData.QueryCount)]
    public ulong Exceeding()
    {
        float* limits = stackalloc float[TileData.QueryCount] { TileData.Limit, TileData.Limit, TileData.Limit, TileData.Limit };
        ulong* masks = stackalloc ulong[TileData.QueryCount];
        ulong all = 0;
        for (int tile = 0; tile < TileData.Tiles; tile++)
        {
            _kernel(Data.TransposedTile(tile), TileData.Stride, Data.Queries.Interleaved, limits, masks);
            all ^= masks[0] ^ masks[1] ^ masks[2] ^ masks[3];
        }

        return all;
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Avx512 => &Float32BatchKernel.Exceeding512,
        Tiers.Avx2 => &Float32BatchKernel.Exceeding256,
        Tiers.Vector128Bits => &Float32BatchKernel.Exceeding128,
        Tiers.Scalar => &Float32BatchKernel.ExceedingScalar,
        _ => throw UnknownTier(),
    };
}

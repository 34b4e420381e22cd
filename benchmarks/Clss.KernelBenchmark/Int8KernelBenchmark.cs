using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;

namespace Clss.KernelBenchmark;

/// <summary>One query against 8-bit codes: time per row.</summary>
public unsafe class Int8KernelBenchmark : KernelBenchmarkBase
{
    private delegate*<byte*, float*, int, in Int8Query, float, ulong> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Vnni, Tiers.Avx2, Tiers.Vector128Bits, Tiers.Scalar);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public ulong Exceeding()
    {
        Int8Query query = Data.Int8Query;
        ulong masks = 0;
        for (int tile = 0; tile < TileData.Tiles; tile++)
        {
            masks ^= _kernel(Data.CodesOf(tile), Data.ScalesOf(tile), TileData.Stride, in query, TileData.Limit);
        }

        return masks;
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Vnni => &Int8Kernel.ExceedingVnni,
        Tiers.Avx2 => &Int8Kernel.Exceeding256,
        Tiers.Vector128Bits => &Int8Kernel.Exceeding128,
        Tiers.Scalar => &Int8Kernel.ExceedingScalar,
        _ => throw UnknownTier(),
    };
}

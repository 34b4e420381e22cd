using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;

namespace Clss.KernelBenchmark;

/// <summary>Four queries against 8-bit codes: time per row and query. Without VNNI the queries take turns with the kernel for one.</summary>
public unsafe class Int8BatchKernelBenchmark : KernelBenchmarkBase
{
    private delegate*<byte*, float*, QueryGroups, int, float*, ulong*, void> _kernel;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Chosen, Tiers.Vnni);

    [Benchmark(OperationsPerInvoke = TileData.Rows * TileData.QueryCount)]
    public ulong Exceeding()
    {
        float* limits = stackalloc float[TileData.QueryCount] { TileData.Limit, TileData.Limit, TileData.Limit, TileData.Limit };
        ulong* masks = stackalloc ulong[TileData.QueryCount];
        ulong all = 0;
        for (int tile = 0; tile < TileData.Tiles; tile++)
        {
            _kernel(Data.CodesOf(tile), Data.ScalesOf(tile), Data.Queries, 0, limits, masks);
            all ^= masks[0] ^ masks[1] ^ masks[2] ^ masks[3];
        }

        return all;
    }

    protected override void Choose() => _kernel = Tier switch
    {
        Tiers.Vnni => &Int8BatchKernel.ExceedingVnni,
        Tiers.Chosen => &Int8BatchKernel.Exceeding,
        _ => throw UnknownTier(),
    };
}

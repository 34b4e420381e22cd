using BenchmarkDotNet.Attributes;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.KernelBenchmark;

/// <summary>One query against the codes of a cell: time per row, for the rows that may exceed a limit and for similarities.</summary>
public unsafe class CellKernelBenchmark : KernelBenchmarkBase
{
    private const int BlocksPerTile = TileData.Rows / TileData.Tiles / VectorLayout.CodeBlockRows;

    private readonly ushort[] _masks = new ushort[BlocksPerTile];
    private readonly float[] _scores = new float[BlocksPerTile * VectorLayout.CodeBlockRows];
    private delegate*<byte*, float*, int, in Int8Query, float, ushort*, void> _exceeding;
    private delegate*<byte*, float*, int, in Int8Query, float*, void> _score;

    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Vnni, Tiers.Avx512, Tiers.Avx2);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public ulong Exceeding()
    {
        uint* signed = stackalloc uint[SignedQuery.Length];
        Int8Query query = Signed(signed);
        ulong all = 0;
        fixed (ushort* masks = _masks)
        {
            for (int tile = 0; tile < TileData.Tiles; tile++)
            {
                _exceeding(Data.CodesOf(tile), Data.ScalesOf(tile), BlocksPerTile, in query, TileData.Limit, masks);
                all ^= masks[0];
            }
        }

        return all;
    }

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public float Scores()
    {
        uint* signed = stackalloc uint[SignedQuery.Length];
        Int8Query query = Signed(signed);
        float sum = 0;
        fixed (float* scores = _scores)
        {
            for (int tile = 0; tile < TileData.Tiles; tile++)
            {
                _score(Data.CodesOf(tile), Data.ScalesOf(tile), BlocksPerTile, in query, scores);
                sum += scores[0];
            }
        }

        return sum;
    }

    /// <summary>The query as a search prepares it once, for kernels that take its words apart.</summary>
    private Int8Query Signed(uint* words)
    {
        SignedQuery.Write(Data.Int8Query, words);
        return Data.Int8Query with { Signed = words };
    }

    protected override void Choose()
    {
        switch (Tier)
        {
            case Tiers.Vnni:
                _exceeding = &CellKernel.ExceedingVnni32;
                _score = &CellKernel.ScoresVnni32;
                break;
            case Tiers.Avx512:
                _exceeding = &MultiplyAddKernel.Exceeding512;
                _score = &MultiplyAddKernel.Scores512;
                break;
            case Tiers.Avx2:
                _exceeding = &MultiplyAddKernel.Exceeding256;
                _score = &MultiplyAddKernel.Scores256;
                break;
            default:
                throw UnknownTier();
        }
    }
}

using BenchmarkDotNet.Attributes;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.KernelBenchmark;

/// <summary>Encoding in 8 bits: of rows when a collection is written (time per row), and of a query.</summary>
public unsafe class CodeQuantizerBenchmark : KernelBenchmarkBase
{
    public static IEnumerable<string> SupportedTiers => Tiers.Supported(Tiers.Chosen);

    [Benchmark(OperationsPerInvoke = TileData.Rows)]
    public float EncodeRows()
    {
        float errors = 0;
        for (int block = 0; block < TileData.Rows / VectorLayout.CodeBlockRows; block++)
        {
            int first = block * CodeQuantizer.BlockBytes(TileData.Stride);
            errors += CodeQuantizer.Encode(Data.Vectors + first, TileData.Stride, Data.Codes + first).Error;
        }

        return errors;
    }

    [Benchmark]
    public float EncodeQuery()
    {
        int* words = stackalloc int[TileData.Stride / CodeQuantizer.Group];
        return new Int8Query(Data.Query, TileData.Stride, words).Scale;
    }

    protected override void Choose()
    {
        // There is one form.
    }
}

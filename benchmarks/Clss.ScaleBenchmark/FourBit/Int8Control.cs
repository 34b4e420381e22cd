using Clss.Index.Cells;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>The 8-bit codes of the index through the search of this experiment: the control, which counts rows the same way and shows what the copy costs.</summary>
internal readonly unsafe struct Int8Control : IRowKernel
{
    public static string Name => "int8 in this search";

    public static int BlockBytes => CodeQuantizer.BlockBytes(RowQuery.Dimension);

    public static (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* block)
    {
        (float scale, float error) = CodeQuantizer.Encode(rows, RowQuery.Dimension, block);
        return (scale, error, error);
    }

    public static void Prepare(ref RowQuery query) => query.PerScale = 0;

    public static void Exceeding(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float limit, ushort* masks) =>
        CellKernel.Exceeding(codes, scales, blocks, RowQuery.Dimension, query.Codes, limit, masks);

    public static void Scores(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float* scores) =>
        CellKernel.Scores(codes, scales, blocks, RowQuery.Dimension, query.Codes, scores);
}

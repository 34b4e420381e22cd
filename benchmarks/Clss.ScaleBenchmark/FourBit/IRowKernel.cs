namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// A scan of blocks of 16 rows of 32 elements. A kernel fixes how a block lies in memory, so codes are packed for one kernel. The value of a row is
/// <c>sum · (scale · Unit) + scale · Offset</c> + the product of the query with the cell's centroid, with an integer sum.
/// </summary>
internal unsafe interface IRowKernel
{
    static abstract string Name { get; }

    static abstract int BlockBytes { get; }

    /// <summary>Encodes rows [16, 32] of a cell; returns the block's scale, its error bound, and its bound of errors along the centroid.</summary>
    static abstract (float Scale, float Error, float Along) Encode(float* rows, float* centroid, byte* block);

    /// <summary>Lays the query out for the kernel, in its memory.</summary>
    static abstract void Prepare(ref RowQuery query);

    /// <summary>Writes for every block the rows that may exceed the limit [blocks], a bit for each of its 16 rows.</summary>
    static abstract void Exceeding(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float limit, ushort* masks);

    /// <summary>Writes the approximate similarity of every row [blocks * 16].</summary>
    static abstract void Scores(byte* codes, float* scales, int blocks, in RowQuery query, float cellScore, float* scores);
}

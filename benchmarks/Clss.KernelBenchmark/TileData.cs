using System.Runtime.InteropServices;
using Clss.Index.Flat;
using Clss.Index.Vectors;
using Clss.Testing.SyntheticDomains;

namespace Clss.KernelBenchmark;

/// <summary>Vectors as the collection lays them out: rows, transposed rows, codes and scales, and queries. 2,048 rows of 32 are 256 KiB: they stay in the second-level cache.</summary>
internal sealed unsafe class TileData : IDisposable
{
    public const int Tiles = 32;
    public const int Rows = Tiles * VectorLayout.TileRows;
    public const int Stride = SyntheticData.Dimension;
    public const int QueryCount = QueryGroups.Size;

    /// <summary>Few rows exceed it, as in a scan that has found its best rows.</summary>
    public const float Limit = 0.9f;

    public TileData()
    {
        var data = new SyntheticData();
        Vectors = Allocate<float>(Rows * Stride);
        Transposed = Allocate<float>(Rows * Stride);
        Codes = Allocate<byte>(Rows * Stride);
        Scales = Allocate<float>(Rows / VectorLayout.CodeBlockRows * 2);
        Words = Allocate<int>(Stride / CodeQuantizer.Group);
        data.Vectors(SyntheticKind.Base, Rows).CopyTo(new Span<float>(Vectors, Rows * Stride));
        Queries = new QueryGroups(Stride, QueryCount);
        data.Vectors(SyntheticKind.Query, QueryCount).CopyTo(new Span<float>(Queries.Rows, QueryCount * Stride));
        Queries.Prepare();
        Int8Query = new Int8Query(Query, Stride, Words);
        for (int tile = 0; tile < Tiles; tile++)
        {
            Float32BatchKernel.Transpose(Tile(tile), Stride, TransposedTile(tile));
        }

        for (int block = 0; block < Rows / VectorLayout.CodeBlockRows; block++)
        {
            float* rows = Vectors + (block * VectorLayout.CodeBlockRows * Stride);
            (Scales[2 * block], Scales[(2 * block) + 1]) = CodeQuantizer.Encode(rows, Stride, Codes + (block * CodeQuantizer.BlockBytes(Stride)));
        }
    }

    public float* Vectors { get; }

    public float* Transposed { get; }

    public byte* Codes { get; }

    public float* Scales { get; }

    public QueryGroups Queries { get; }

    /// <summary>The first query.</summary>
    public float* Query => Queries.Rows;

    /// <summary>The first query in codes.</summary>
    public Int8Query Int8Query { get; }

    private int* Words { get; }

    /// <summary>[64, 32].</summary>
    public float* Tile(int tile) => Vectors + (tile * VectorLayout.TileRows * Stride);

    /// <summary>[32, 64].</summary>
    public float* TransposedTile(int tile) => Transposed + (tile * VectorLayout.TileRows * Stride);

    public byte* CodesOf(int tile) => Codes + (tile * VectorLayout.TileRows * Stride);

    public float* ScalesOf(int tile) => Scales + (tile * VectorLayout.TileRows / VectorLayout.CodeBlockRows * 2);

    public void Dispose()
    {
        Queries.Dispose();
        NativeMemory.AlignedFree(Vectors);
        NativeMemory.AlignedFree(Transposed);
        NativeMemory.AlignedFree(Codes);
        NativeMemory.AlignedFree(Scales);
        NativeMemory.AlignedFree(Words);
    }

    private static T* Allocate<T>(int count)
        where T : unmanaged => (T*)NativeMemory.AlignedAlloc((nuint)count * (nuint)sizeof(T), 64);
}

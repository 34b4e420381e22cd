namespace Clss.Index.Vectors;

/// <summary>How vectors lie in memory and in files: rows of <c>Stride</c> floats, in tiles of 64 rows. Padding is zero.</summary>
internal static class VectorLayout
{
    /// <summary>Rows are padded to whole cache lines, 16 floats.</summary>
    public const int StrideUnit = 16;

    /// <summary>Rows per tile: one 64-bit word of a row bitmap, four registers of 16 rows.</summary>
    public const int TileRows = 64;

    /// <summary>Rows that share a scale of 8-bit codes.</summary>
    public const int CodeBlockRows = 16;

    public const int MaximumDimension = 1 << 16;

    public static int Stride(int dimension) => (dimension + StrideUnit - 1) & -StrideUnit;

    /// <summary>The rows rounded up to whole tiles.</summary>
    public static long PaddedRows(long rows) => (rows + TileRows - 1) & -TileRows;

    /// <summary>The rows rounded up to whole blocks of codes.</summary>
    public static long PaddedBlocks(long rows) => (rows + CodeBlockRows - 1) & -CodeBlockRows;

    /// <summary>Words of a bitmap with a bit for each row.</summary>
    public static int Words(int rows) => (int)(((long)rows + 63) / 64);
}

namespace Clss.Embedder.Models.Esm3;

/// <summary>Structure tokens that are no codes, as esm/utils/constants/esm3.py numbers them.</summary>
public static class StructureTokens
{
    /// <summary>No structure known.</summary>
    public const int Mask = 4096;

    /// <summary>The end.</summary>
    public const int End = 4097;

    /// <summary>The begin.</summary>
    public const int Begin = 4098;

    /// <summary>Rows of the embedding: 4,096 codes, mask, end, begin, padding and chain break.</summary>
    public const int Count = 4101;
}

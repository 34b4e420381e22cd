namespace Clss.Embedder.Weights;

/// <summary>The dimensions of a structure encoder in ESM3's layout.</summary>
/// <param name="Width">The width of every layer.</param>
/// <param name="Heads">The attention heads of a block.</param>
/// <param name="VectorHeads">The vector heads of the geometric attention.</param>
/// <param name="Layers">The number of blocks.</param>
/// <param name="OutputWidth">The width of a code.</param>
/// <param name="Codes">The number of codes.</param>
/// <param name="Neighbors">The residues of a neighbourhood.</param>
public sealed record StructureEncoderConfig(int Width, int Heads, int VectorHeads, int Layers, int OutputWidth, int Codes, int Neighbors)
{
    /// <summary>The inner width of the feed-forward network: 4 times the width, rounded up to a multiple of 256.</summary>
    public int InnerWidth => FeedForwardWidth.RoundUp(4.0 * Width);
}

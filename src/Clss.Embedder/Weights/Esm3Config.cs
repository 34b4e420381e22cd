namespace Clss.Embedder.Weights;

/// <summary>The dimensions of a structure tower in ESM3's layout.</summary>
/// <param name="Width">The width of every layer.</param>
/// <param name="Heads">The attention heads of a block.</param>
/// <param name="VectorHeads">The vector heads of the geometric attention.</param>
/// <param name="Layers">The number of blocks.</param>
public sealed record Esm3Config(int Width, int Heads, int VectorHeads, int Layers);

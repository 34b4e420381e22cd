namespace Clss.Embedder.Weights;

/// <summary>The dimensions of a structure tower in ESM3's layout.</summary>
/// <param name="Width">The width of every layer.</param>
/// <param name="Heads">The attention heads of a block.</param>
/// <param name="VectorHeads">The vector heads of the geometric attention.</param>
/// <param name="Layers">The number of blocks.</param>
public sealed record Esm3Config(int Width, int Heads, int VectorHeads, int Layers)
{
    /// <summary>The inner width of the feed-forward network: 8/3 of the width, rounded up to a multiple of 256.</summary>
    public int InnerWidth => FeedForwardWidth.RoundUp(8.0 / 3.0 * Width);

    /// <summary>Refuses dimensions that do not fit each other.</summary>
    /// <param name="source">The file the numbers come from, for the message.</param>
    /// <exception cref="WeightFormatException">The width falls into no whole number of heads of an even size, or of function tracks.</exception>
    public void Validate(string source)
    {
        if (Width % Heads != 0 || Width / Heads % 2 != 0)
        {
            throw new WeightFormatException(
                $"{source}: d_model {Width} and n_heads {Heads} do not fit: each head needs a whole and even width for rotary positions.");
        }

        if (Width % FunctionTracks != 0)
        {
            throw new WeightFormatException($"{source}: d_model is {Width}, expected a multiple of {FunctionTracks}, the number of function tracks.");
        }
    }

    /// <summary>The function embeddings that lie side by side in the width.</summary>
    internal const int FunctionTracks = 8;
}

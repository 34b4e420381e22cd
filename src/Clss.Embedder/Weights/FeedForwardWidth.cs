namespace Clss.Embedder.Weights;

/// <summary>How ESM3 chooses the inner width of its feed-forward networks (swiglu_correction_fn in esm/layers/blocks.py).</summary>
internal static class FeedForwardWidth
{
    private const int Multiple = 256;

    public static int RoundUp(double width) => checked((int)((width + Multiple - 1) / Multiple) * Multiple);
}

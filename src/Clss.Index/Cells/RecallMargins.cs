namespace Clss.Index.Cells;

/// <summary>
/// How wide a search must look for a recall: a cell is scanned where its centroid's similarity plus margin · (its rows' deviation) exceeds the
/// similarity of the k-th row found so far. Measured when the cells are built.
/// </summary>
internal sealed class RecallMargins
{
    /// <summary>The recalls of the table; between them margins are interpolated.</summary>
    private static ReadOnlySpan<float> Recalls =>
        [0.5f, 0.6f, 0.7f, 0.8f, 0.85f, 0.9f, 0.92f, 0.94f, 0.95f, 0.96f, 0.97f, 0.98f, 0.985f, 0.99f, 0.9925f, 0.995f, 0.9975f, 0.999f, 0.9995f, 0.9999f];

    private readonly float[] _margins;

    public RecallMargins(ReadOnlySpan<float> margins) => _margins = margins.ToArray();

    public static int Count => Recalls.Length;

    /// <summary>The table from the margins that each neighbour of a sample of queries needs to be found.</summary>
    public static float[] FromNeeded(float[] needed)
    {
        float[] sorted = [.. needed.Order()];
        var margins = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            int last = (int)Math.Ceiling(Recalls[i] * (double)sorted.Length) - 1;
            margins[i] = sorted.Length == 0 ? 0 : Math.Max(0, sorted[Math.Clamp(last, 0, sorted.Length - 1)]);
        }

        return margins;
    }

    /// <summary>The margin for a recall of (0, 1).</summary>
    public float For(double recall)
    {
        ReadOnlySpan<float> recalls = Recalls;
        if (recall <= recalls[0])
        {
            return _margins[0];
        }

        for (int i = 1; i < recalls.Length; i++)
        {
            if (recall <= recalls[i])
            {
                double part = (recall - recalls[i - 1]) / (recalls[i] - recalls[i - 1]);
                return (float)(_margins[i - 1] + (part * (_margins[i] - _margins[i - 1])));
            }
        }

        return _margins[^1];
    }
}

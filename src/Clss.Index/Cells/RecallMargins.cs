using Clss.Index.Storage;

namespace Clss.Index.Cells;

/// <summary>
/// How wide a search must look for a recall: a cell is scanned where its centroid's similarity plus margin · (its rows' deviation) exceeds the
/// similarity of the k-th row found so far. For a graph it is the number of candidates instead. Measured when the index is built.
/// </summary>
internal sealed class RecallMargins
{
    /// <summary>The recalls of the table; between them margins are interpolated.</summary>
    private static ReadOnlySpan<float> Recalls =>
        [0.5f, 0.6f, 0.7f, 0.8f, 0.85f, 0.9f, 0.92f, 0.94f, 0.95f, 0.96f, 0.97f, 0.98f, 0.985f, 0.99f, 0.9925f, 0.995f, 0.9975f, 0.999f, 0.9995f, 0.9999f];

    private readonly float[] _margins;

    public RecallMargins(ReadOnlySpan<float> margins) => _margins = margins.ToArray();

    public static int Count => Recalls.Length;

    /// <summary>Reads the section of a partition.</summary>
    public static unsafe RecallMargins Read(Section section)
    {
        section.Require(ElementType.Float32, Count, Count * sizeof(float));
        var margins = new ReadOnlySpan<float>(section.Payload, Count);
        for (int i = 0; i < Count; i++)
        {
            if (!float.IsFinite(margins[i]) || margins[i] < 0)
            {
                throw section.Corrupt($"Element {i} is {margins[i]}; every element must be a finite number of at least 0.");
            }
        }

        return new RecallMargins(margins);
    }

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

    /// <summary>The table from measured recalls, ascending by setting: the smallest setting that reaches each recall, between measured ones in proportion.</summary>
    public static float[] FromCurve(IReadOnlyList<(double Recall, float Setting)> curve)
    {
        var settings = new float[Count];
        for (int i = 0; i < Count; i++)
        {
            int next = 0;
            while (next < curve.Count - 1 && curve[next].Recall < Recalls[i])
            {
                next++;
            }

            (double recall, float setting) = curve[next];
            if (next > 0 && recall > Recalls[i])
            {
                (double before, float smaller) = curve[next - 1];
                setting = (float)(smaller + ((setting - smaller) * (Recalls[i] - before) / (recall - before)));
            }

            settings[i] = setting;
        }

        return settings;
    }

    /// <summary>The margin, or setting, for a recall of (0, 1).</summary>
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

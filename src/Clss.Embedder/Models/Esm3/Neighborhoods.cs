namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// The nearest residues by CA distance, the residue itself first, among residues with a frame. The original also fills up with residues without one,
/// whose keys it then masks out: they never influence a result, so they are left out here, and residues without a frame have no neighbourhood.
/// </summary>
internal static class Neighborhoods
{
    /// <summary>
    /// Writes the neighbours of a residue, nearest first, ties by index, and returns their number: at most the destination's length or the valid residues.
    /// Distances are compared in double precision.
    /// </summary>
    public static int Find(BackboneFrames frames, int residue, Span<int> neighbors)
    {
        Span<double> distances = stackalloc double[neighbors.Length];
        ReadOnlySpan<float> center = frames.Translation(residue);
        double x = center[0], y = center[1], z = center[2];
        neighbors[0] = residue;
        distances[0] = -1;
        int count = 1;
        for (int other = 0; other < frames.Length; other++)
        {
            if (other == residue || !frames.IsValid(other))
            {
                continue;
            }

            ReadOnlySpan<float> place = frames.Translation(other);
            double dx = place[0] - x, dy = place[1] - y, dz = place[2] - z;
            double distance = (dx * dx) + (dy * dy) + (dz * dz);
            if (count == neighbors.Length && distance >= distances[count - 1])
            {
                continue;
            }

            int at = count < neighbors.Length ? count++ : count - 1;
            for (; at > 0 && distances[at - 1] > distance; at--)
            {
                (distances[at], neighbors[at]) = (distances[at - 1], neighbors[at - 1]);
            }

            (distances[at], neighbors[at]) = (distance, other);
        }

        return count;
    }
}

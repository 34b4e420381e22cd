namespace Clss.IndexBenchmark;

/// <summary>Unit vectors in clusters, by formula: row r lies near the centre of cluster r mod 1000, at a distance of its own.</summary>
internal static class Clusters
{
    private const int Count = 1000;
    private const double Spread = 0.35;

    public static int ClusterOf(int row) => row % Count;

    public static float[] Vector(int row, int dimension)
    {
        var vector = new double[dimension];
        double norm = 0;
        for (int i = 0; i < dimension; i++)
        {
            double centre = Noise((ulong)ClusterOf(row), (ulong)i, 1);
            vector[i] = centre + (Spread * Noise((ulong)row, (ulong)i, 2));
            norm += vector[i] * vector[i];
        }

        norm = Math.Sqrt(norm);
        return [.. vector.Select(x => (float)(x / norm))];
    }

    /// <summary>A number between -1.5 and 1.5, the sum of three even ones, from the bits of a SplitMix64 step.</summary>
    private static double Noise(ulong row, ulong element, ulong stream)
    {
        double sum = -1.5;
        for (ulong i = 0; i < 3; i++)
        {
            ulong z = (row * 0x9E3779B97F4A7C15) + (element * 0xD1B54A32D192ED03) + (stream * 0x8CB92BA72F3D8DD7) + (i * 0xA0761D6478BD642F);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            sum += (z ^ (z >> 31)) * (1.0 / ulong.MaxValue);
        }

        return sum;
    }
}

namespace Clss.Index.Cells;

/// <summary>Random numbers as a function of a seed and a position, so that they do not depend on the order in which they are drawn (splitmix64, Steele et al. 2014).</summary>
internal static class SplitMix
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    public static ulong Hash(ulong seed, ulong position)
    {
        unchecked
        {
            ulong x = seed + ((position + 1) * Increment);
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }

    /// <summary>A number of [0, 1).</summary>
    public static double Uniform(ulong seed, ulong position) => (Hash(seed, position) >> 11) * (1.0 / (1UL << 53));
}

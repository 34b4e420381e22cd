namespace Clss.Testing.SyntheticDomains;

/// <summary>
/// The classification of domains: 2,500 X-groups of weight 1/(x + 2) under 20 architectures, the larger X-groups divided into more H-, T- and
/// F-groups, and sequence clusters with a heavy tail: many singletons, some dense.
/// </summary>
internal sealed class DomainHierarchy
{
    private const int XGroups = 2500;
    private const int Architectures = 20;
    private const ulong ChildrenApart = 64;
    private const double ClusterSpread = 30.0;

    private readonly ulong _seed;
    private readonly double[] _cumulativeX = Cumulative(XGroups, 2);
    private readonly double[] _cumulativeArchitecture = Cumulative(Architectures, 1);

    public DomainHierarchy(ulong seed) => _seed = seed;

    public DomainLabel Classify(ulong domain)
    {
        int x = Weighted(_cumulativeX, Uniform(DrawKind.XPick, domain));
        int architecture = Weighted(_cumulativeArchitecture, Uniform(DrawKind.ArchitecturePick, (ulong)x));
        ulong h = ((ulong)x * ChildrenApart) + Child(1 + (150 / (x + 10)), Uniform(DrawKind.HPick, domain));
        ulong t = (h * ChildrenApart) + Child(1 + (30 / (x + 20)), Uniform(DrawKind.TPick, domain));
        ulong f = (t * ChildrenApart) + Child(2 + (400 / (x + 20)), Uniform(DrawKind.FPick, domain));
        double cluster = ClusterSpread * ((1.0 / (Uniform(DrawKind.ClusterPick, domain) + 1e-7)) - 1.0);
        return new DomainLabel(architecture, x, h, t, f, cluster < 0 ? 0 : (ulong)cluster);
    }

    private double Uniform(DrawKind kind, ulong id) => new DrawStream(_seed, kind, id).Uniform(0);

    /// <summary>Sums of the weights 1/(i + offset).</summary>
    private static double[] Cumulative(int count, int offset)
    {
        var sums = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += 1.0 / (i + offset);
            sums[i] = sum;
        }

        return sums;
    }

    /// <summary>The first place whose cumulative weight exceeds the given share of the total, the last one where none does.</summary>
    private static int Weighted(double[] cumulative, double share)
    {
        double wanted = share * cumulative[^1];
        int low = 0;
        int high = cumulative.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (cumulative[middle] > wanted)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>One of some children, the first ones more often.</summary>
    private static ulong Child(int children, double uniform) => (ulong)Math.Min((int)(children * (uniform * uniform)), children - 1);
}

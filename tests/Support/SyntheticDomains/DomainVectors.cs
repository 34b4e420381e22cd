namespace Clss.Testing.SyntheticDomains;

/// <summary>Makes the vectors of domains. Keeps the shapes of the F-groups it has met, so one object serves one thread at a time.</summary>
internal sealed class DomainVectors
{
    // Expected lengths of the offsets within an F-group, and of what is the domain's and the modality's own.
    private const double ClusterScale = 0.24;
    private const double DomainScale = 0.26;
    private const double ModalityMeanScale = 0.10;
    private const double ModalityScale = 0.16;
    private const double IsotropicScale = 0.10;

    // Makes (F, cluster) one number. A few cluster numbers are larger and share theirs with a cluster of another F-group, which does no harm.
    private const ulong ClustersApart = 1 << 24;

    private readonly ulong _seed;
    private readonly DomainHierarchy _hierarchy;
    private readonly LatentSpace _space;
    private readonly Dictionary<ulong, FamilyShape> _families = [];

    public DomainVectors(ulong seed, DomainHierarchy hierarchy, LatentSpace space)
    {
        _seed = seed;
        _hierarchy = hierarchy;
        _space = space;
    }

    /// <summary>Writes the vector [32] of a domain in a modality (0 sequence, 1 structure, 2 segment); noise 1 is that of a whole domain.</summary>
    public void Write(ulong domain, int modality, double noise, Span<float> destination)
    {
        DomainLabel label = _hierarchy.Classify(domain);
        FamilyShape family = Family(label);
        ulong item = (domain * 4) + (ulong)modality;
        Span<double> latent = stackalloc double[LatentSpace.Dimension];
        var mean = new DrawStream(_seed, DrawKind.ModalityMean, (ulong)modality);
        var isotropic = new DrawStream(_seed, DrawKind.Isotropic, item);
        for (int j = 0; j < LatentSpace.Dimension; j++)
        {
            double width = _space.AxisWidths[j];
            latent[j] = family.Centre[j] + (ModalityMeanScale * mean.Gaussian(j) * width) + (IsotropicScale * noise * isotropic.Gaussian(j) * width);
        }

        var cluster = new DrawStream(_seed, DrawKind.Cluster, (label.F * ClustersApart) + label.Cluster);
        var own = new DrawStream(_seed, DrawKind.Domain, domain);
        var ofModality = new DrawStream(_seed, DrawKind.Modality, item);
        for (int k = 0; k < LatentSpace.Directions; k++)
        {
            double length = ClusterScale * cluster.Gaussian(k);
            length += DomainScale * own.Gaussian(k);
            length += ModalityScale * noise * ofModality.Gaussian(k);
            ReadOnlySpan<double> direction = family.Directions.AsSpan(k * LatentSpace.Dimension, LatentSpace.Dimension);
            for (int j = 0; j < direction.Length; j++)
            {
                latent[j] += length * direction[j];
            }
        }

        _space.Project(latent, destination);
    }

    /// <summary>Writes a vector [32] that may lie anywhere on the sphere, evenly.</summary>
    public void WriteUniform(DrawKind kind, ulong id, Span<float> destination)
    {
        Span<double> values = stackalloc double[LatentSpace.Dimension];
        var draws = new DrawStream(_seed, kind, id);
        double norm = 0;
        for (int j = 0; j < LatentSpace.Dimension; j++)
        {
            values[j] = draws.Gaussian(j);
            norm += values[j] * values[j];
        }

        double inverse = 1.0 / Math.Sqrt(norm);
        for (int j = 0; j < LatentSpace.Dimension; j++)
        {
            destination[j] = (float)(values[j] * inverse);
        }
    }

    private FamilyShape Family(in DomainLabel label)
    {
        if (!_families.TryGetValue(label.F, out FamilyShape? family))
        {
            family = new FamilyShape(_seed, _space, label);
            _families.Add(label.F, family);
        }

        return family;
    }
}

namespace Clss.Testing.SyntheticDomains;

/// <summary>Where an F-group lies, and in which directions its members differ.</summary>
internal sealed class FamilyShape
{
    // Expected lengths of the offsets of each level of the hierarchy.
    private const double ArchitectureScale = 0.40;
    private const double XScale = 0.62;
    private const double HScale = 0.32;
    private const double TScale = 0.24;
    private const double FScale = 0.30;

    public FamilyShape(ulong seed, LatentSpace space, in DomainLabel label)
    {
        var architecture = new DrawStream(seed, DrawKind.Architecture, (ulong)label.Architecture);
        var x = new DrawStream(seed, DrawKind.X, (ulong)label.X);
        var h = new DrawStream(seed, DrawKind.H, label.H);
        var t = new DrawStream(seed, DrawKind.T, label.T);
        var f = new DrawStream(seed, DrawKind.F, label.F);
        for (int j = 0; j < LatentSpace.Dimension; j++)
        {
            double value = ArchitectureScale * architecture.Gaussian(j);
            value += XScale * x.Gaussian(j);
            value += HScale * h.Gaussian(j);
            value += TScale * t.Gaussian(j);
            value += FScale * f.Gaussian(j);
            Centre[j] = value * space.AxisWidths[j];
        }

        for (int k = 0; k < LatentSpace.Directions; k++)
        {
            var direction = new DrawStream(seed, DrawKind.Direction, (label.F * 64) + (ulong)k);
            for (int j = 0; j < LatentSpace.Dimension; j++)
            {
                Directions[(k * LatentSpace.Dimension) + j] = direction.Gaussian(j) * space.AxisWidths[j] * space.DirectionWeights[k];
            }
        }
    }

    /// <summary>[32].</summary>
    public double[] Centre { get; } = new double[LatentSpace.Dimension];

    /// <summary>[16, 32].</summary>
    public double[] Directions { get; } = new double[LatentSpace.Directions * LatentSpace.Dimension];
}

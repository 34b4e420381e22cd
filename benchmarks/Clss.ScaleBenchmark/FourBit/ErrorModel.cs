namespace Clss.ScaleBenchmark.FourBit;

/// <summary>How a search allows for the errors of codes.</summary>
/// <param name="IsSplit">Bounds the error along the cell's centroid and across it separately (<see cref="RowQuery.Aim"/>), still rigorous.</param>
/// <param name="Deviations">Where not 0, standard deviations allowed instead of a bound.</param>
internal sealed record ErrorModel(string Name, bool IsSplit, double Deviations)
{
    public static ErrorModel Plain { get; } = new("plain bound", false, 0);

    public static ErrorModel Split { get; } = new("split bound", true, 0);

    public bool IsRigorous => Deviations == 0;

    public static ErrorModel Statistical(int deviations) => new($"{deviations} deviations", false, deviations);
}

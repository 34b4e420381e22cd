namespace Clss.Index.Tests;

/// <summary>Data made by formula for the tests.</summary>
internal static class Samples
{
    public static CollectionOptions AllColumns { get; } = new()
    {
        Dimension = 32,
        Model = "sha256:0123",
        ModelName = "toy",
        Columns =
        [
            new ColumnDefinition("name", ColumnType.Text),
            new ColumnDefinition("length", ColumnType.Integer),
            new ColumnDefinition("plddt", ColumnType.Real),
            new ColumnDefinition("reviewed", ColumnType.Flag),
            new ColumnDefinition("genes", ColumnType.TextList),
        ],
    };

    /// <summary>A random unit vector of a seed.</summary>
    public static float[] Unit(int seed, int dimension)
    {
        var random = new Random(seed);
        var vector = new double[dimension];
        for (int i = 0; i < dimension; i++)
        {
            vector[i] = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
        }

        double norm = Math.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => (float)(x / norm))];
    }
}

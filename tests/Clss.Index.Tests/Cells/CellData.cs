namespace Clss.Index.Tests.Cells;

/// <summary>Rows of many shapes by formula, collections of them with small cells, and what a scan of all their rows finds.</summary>
internal static class CellData
{
    /// <summary>Shapes that are hard to divide, or whose similarities tie.</summary>
    public static string[] Shapes { get; } = ["random", "clusters", "equal", "duplicates", "two points", "axes", "one element", "near ties", "line", "lines"];

    /// <summary>A collection with small cells in every partition.</summary>
    public static CollectionOptions Options(int dimension, int rowsPerCell = 8) => new()
    {
        Dimension = dimension,
        Columns = [new ColumnDefinition("number", ColumnType.Integer), new ColumnDefinition("side", ColumnType.Text)],
        Index = new IndexOptions { Kind = IndexKind.Cells, Cells = new CellParameters { RowsPerCell = rowsPerCell } },
    };

    public static float[] Vector(string shape, int row, int dimension, int seed) => shape switch
    {
        "clusters" => Near(Samples.Unit(row % 10, dimension), Samples.Unit((seed * 7919) + row, dimension), 0.2f),
        "equal" => Samples.Unit(4, dimension),
        "duplicates" => Samples.Unit(row % 7, dimension),
        "two points" => Samples.Unit(row % 2, dimension),
        "axes" => Axis(row, dimension),
        "one element" => [row % 2 == 0 ? 1 : -1, .. new float[dimension - 1]],
        "near ties" => Near(Samples.Unit(70, dimension), Samples.Unit((seed * 7919) + row, dimension), 1e-6f),
        "line" => [MathF.Cos(row * 0.001f), MathF.Sin(row * 0.001f), .. new float[dimension - 2]],
        "lines" => Lines(row, dimension, seed),
        _ => Samples.Unit((seed * 7919) + row, dimension),
    };

    /// <summary>A row whose number is in its key and, but for every fifth, in a column; the column "side" tells the sign of its first element.</summary>
    public static VectorEntry Entry(int row, float[] vector, string partition = "") => new()
    {
        Key = $"row{row}",
        Partition = partition,
        Vector = vector,
        Metadata = row % 5 == 0
            ? new Dictionary<string, MetadataValue> { ["side"] = Side(vector) }
            : new Dictionary<string, MetadataValue> { ["side"] = Side(vector), ["number"] = MetadataValue.Integer(row) },
    };

    public static VectorEntry[] Entries(string shape, int rows, int dimension, int seed, string partition = "") =>
        [.. Enumerable.Range(0, rows).Select(row => Entry(row, Vector(shape, row, dimension, seed), partition))];

    /// <summary>Queries: rows themselves, near to rows, and far from all.</summary>
    public static float[][] Queries(string shape, int rows, int dimension, int seed) =>
    [
        Vector(shape, 0, dimension, seed),
        Vector(shape, rows - 1, dimension, seed),
        Near(Vector(shape, rows / 2, dimension, seed), Samples.Unit(seed + 5, dimension), 0.3f),
        Samples.Unit(70, dimension),
        Samples.Unit(seed + 71, dimension),
        [.. Vector(shape, rows / 3, dimension, seed).Select(x => -x)],
        [0, 1, .. new float[dimension - 2]],
        [0.05f, -1, 0.01f, .. new float[dimension - 3]],
    ];

    public static float[] Near(float[] centre, float[] direction, float distance) => [.. centre.Zip(direction, (c, d) => c + (distance * d))];

    public static Neighbor[] Search(VectorCollection collection, float[] query, SearchOptions options)
    {
        var neighbors = new Neighbor[options.K];
        return neighbors[..collection.Search(query, options, neighbors)];
    }

    /// <summary>The share of the true neighbours, equal similarities counting as the same neighbour.</summary>
    public static double Recall(Neighbor[] truth, Neighbor[] found) =>
        truth.Length == 0 ? 1 : (double)found.Count(neighbor => neighbor.Similarity >= truth[^1].Similarity) / truth.Length;

    /// <summary>Makes sure that a test of cells tests them.</summary>
    public static void RequireCells(VectorCollection collection)
    {
        foreach (PartitionInfo partition in collection.Info.Partitions)
        {
            Assert.Equal(IndexKind.Cells, partition.Index);
            Assert.InRange(partition.Cells, 1, partition.Count);
        }
    }

    private static MetadataValue Side(float[] vector) => MetadataValue.Text(vector[0] > 0 ? "right" : "left");

    /// <summary>
    /// Parallel lines: seen along them, the best row of each cell is as far from its mean as the radius says, so that a bound that is the least too small
    /// loses rows.
    /// </summary>
    private static float[] Lines(int row, int dimension, int seed)
    {
        var random = new Random((seed * 7919) + row);
        int line = row % (2 * (dimension - 2));
        var vector = new float[dimension];
        vector[0] = 1;
        vector[1] = 0.5f * random.NextSingle();
        vector[2 + (line / 2)] = line % 2 == 0 ? 1 : -1;
        double norm = Math.Sqrt(vector.Sum(x => (double)x * x));
        return [.. vector.Select(x => (float)(x / norm))];
    }

    private static float[] Axis(int row, int dimension)
    {
        var vector = new float[dimension];
        vector[row % dimension] = row / dimension % 2 == 0 ? 1 : -1;
        return vector;
    }
}

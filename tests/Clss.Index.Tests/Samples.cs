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

    public static string[] Partitions { get; } = ["", "sequence", "structure"];

    /// <summary>Texts that are awkward to store or to compare.</summary>
    public static string[] Words { get; } = ["", "a", "A", "ab", "hbA", "β", "\u00e9", "e\u0301", "\uffff", "\U0001F9EC", "line\nbreak", "\0", "tab\t", new string('x', 300)];

    /// <summary>A random entry: few keys, three partitions, each column with or without a value.</summary>
    public static VectorEntry Entry(Random random, int keys = 200, int dimension = 32)
    {
        var metadata = new Dictionary<string, MetadataValue>();
        Add("name", () => MetadataValue.Text(Words[random.Next(Words.Length)]));
        Add("length", () => MetadataValue.Integer(random.Next(20)));
        Add("plddt", () => MetadataValue.Real(random.Next(40) / 2.0));
        Add("reviewed", () => MetadataValue.Flag(random.Next(2) == 0));
        Add("genes", () => MetadataValue.TextList([.. Enumerable.Range(0, random.Next(4)).Select(_ => Words[random.Next(Words.Length)])]));
        return new VectorEntry
        {
            Key = $"k{random.Next(keys)}",
            Partition = Partitions[random.Next(Partitions.Length)],
            Vector = Unit(random.Next(), dimension),
            Metadata = metadata,
        };

        void Add(string column, Func<MetadataValue> value)
        {
            if (random.Next(4) != 0)
            {
                metadata[column] = value();
            }
        }
    }

    /// <summary>An entry as text, for comparing states.</summary>
    public static string Describe(VectorEntry entry) =>
        $"{entry.Partition}/{entry.Key}: {string.Join(' ', entry.Vector.ToArray().Select(x => BitConverter.SingleToInt32Bits(x).ToString("x8")))} "
        + string.Join(' ', entry.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value.Kind}:{p.Value}/{(p.Value.Kind == MetadataKind.TextList ? p.Value.AsTextList().Count : 0)}"));
}

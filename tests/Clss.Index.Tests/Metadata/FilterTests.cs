using Clss.Testing;

namespace Clss.Index.Tests.Metadata;

/// <summary>Random filters over random rows against what they mean row by row; the seed is in the name of the case.</summary>
[Trait("Tier", "any")]
public sealed class FilterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 12));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ReadAll_WithRandomFilters_EqualsTheNaivePredicate(int seed)
    {
        var random = new Random(seed);
        using var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        for (int i = 0; i < 150; i++)
        {
            collection.Upsert(Samples.Entry(random));
            if (i == 100 && seed % 2 == 0)
            {
                collection.Compact();
            }
        }

        VectorEntry[] rows = [.. collection.ReadAll()];
        int accepted = 0;
        for (int i = 0; i < 200; i++)
        {
            Filter filter = RandomFilter(random, 0);
            string[] expected = [.. rows.Where(row => NaiveFilter.Accepts(filter, row)).Select(row => row.Key)];
            string[] found = [.. collection.ReadAll(filter).Select(row => row.Key)];
            Assert.True(expected.SequenceEqual(found), $"seed {seed}: {filter} gives {found.Length} rows instead of {expected.Length}");
            accepted += found.Length;
        }

        Assert.InRange(accepted, 200, 200 * 149);
    }

    [Fact]
    public void ReadAll_WithAFilterOfTheWrongType_NamesColumnAndType()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        AssertRefused(collection, new Filter.Equal("length", MetadataValue.Text("7")), "\"length\" is Integer");
        AssertRefused(collection, new Filter.Between("reviewed", MetadataValue.Flag(true), default), "have no order");
        AssertRefused(collection, new Filter.AnyOf("key", [MetadataValue.Integer(1)]), "\"key\" is Text");
        AssertRefused(collection, new Filter.Equal("lenght", MetadataValue.Integer(1)), "no column \"lenght\". Its columns are: name, length");
        Filter deep = new Filter.All([]);
        for (int i = 0; i < 100; i++)
        {
            deep = new Filter.Not(deep);
        }

        AssertRefused(collection, deep, "nested");
    }

    [Fact]
    public void Between_WithRealBoundsOnIntegers_IsExact()
    {
        using var collection = VectorCollection.Create(_folder.File("db"), Samples.AllColumns);
        foreach (long length in (long[])[long.MinValue, -1, 0, 1, 2, long.MaxValue])
        {
            collection.Upsert(new VectorEntry { Key = $"{length}", Vector = Samples.Unit(1, 32), Metadata = new Dictionary<string, MetadataValue> { ["length"] = MetadataValue.Integer(length) } });
        }

        Assert.Equal(["1"], Keys(0.5, 1.5));
        Assert.Equal([], Keys(0.1, 0.9));
        Assert.Equal(["0", "1", "2", "9223372036854775807"], Keys(-0.5, double.PositiveInfinity));
        Assert.Equal(["-9223372036854775808", "-1"], Keys(double.NegativeInfinity, -0.5));
        Assert.Equal([], Keys(double.NaN, double.PositiveInfinity));
        Assert.Equal([], Keys(1e300, double.PositiveInfinity));

        string[] Keys(double low, double high) =>
            [.. collection.ReadAll(new Filter.Between("length", MetadataValue.Real(low), MetadataValue.Real(high))).Select(row => row.Key)];
    }

    private static void AssertRefused(VectorCollection collection, Filter filter, string part) =>
        Assert.Contains(part, Assert.Throws<ClssIndexException>(() => collection.ReadAll(filter)).Message, StringComparison.Ordinal);

    private static Filter RandomFilter(Random random, int depth)
    {
        int choice = random.Next(depth < 3 ? 9 : 6);
        switch (choice)
        {
            case 0 or 1 or 2:
                string column = RandomColumn(random);
                return new Filter.Equal(column, random.Next(6) == 0 ? MetadataValue.Missing : Operand(column, random));
            case 3 or 4:
                column = RandomColumn(random);
                return new Filter.AnyOf(column, [.. Enumerable.Range(0, random.Next(4)).Select(_ => Operand(column, random))]);
            case 5:
                do
                {
                    column = RandomColumn(random);
                }
                while (column == "reviewed");

                return new Filter.Between(column, random.Next(4) == 0 ? default : Operand(column, random), random.Next(4) == 0 ? default : Operand(column, random));
            case 6:
                return new Filter.All([.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomFilter(random, depth + 1))]);
            case 7:
                return new Filter.Any([.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomFilter(random, depth + 1))]);
            default:
                return new Filter.Not(RandomFilter(random, depth + 1));
        }
    }

    private static string RandomColumn(Random random) => ((string[])["name", "length", "plddt", "reviewed", "genes", "key", "partition"])[random.Next(7)];

    private static MetadataValue Operand(string column, Random random) => column switch
    {
        "length" or "plddt" when random.Next(3) == 0 => MetadataValue.Real(random.Next(40) / 2.0),
        "length" or "plddt" => MetadataValue.Integer(random.Next(20)),
        "reviewed" => MetadataValue.Flag(random.Next(2) == 0),
        "key" => MetadataValue.Text($"k{random.Next(200)}"),
        "partition" => MetadataValue.Text(Samples.Partitions[random.Next(3)]),
        _ => MetadataValue.Text(Samples.Words[random.Next(Samples.Words.Length)]),
    };
}

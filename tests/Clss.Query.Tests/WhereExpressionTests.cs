using Clss.Index;

namespace Clss.Query.Tests;

public class WhereExpressionTests
{
    private static readonly ColumnDefinition[] Columns =
    [
        new("ecod_x", ColumnType.Text),
        new("length", ColumnType.Integer),
        new("plddt", ColumnType.Real),
        new("reviewed", ColumnType.Flag),
        new("ligands", ColumnType.TextList),
    ];

    /// <summary>Rows that differ in every column, one of them with nothing but a key.</summary>
    private static readonly Dictionary<string, MetadataValue>[] Rows =
    [
        Row("a", ("ecod_x", Text("2003")), ("length", Whole(120)), ("plddt", Real(91.5)), ("reviewed", Flag(true)), ("ligands", List("ATP", "MG"))),
        Row("b", ("ecod_x", Text("2003.1")), ("length", Whole(80)), ("plddt", Real(50)), ("reviewed", Flag(false))),
        Row("c", ("ecod_x", Text("11")), ("length", Whole(300)), ("ligands", List("ZN"))),
        Row("d"),
    ];

    [Theory]
    [InlineData("ecod_x = '2003'", "a")]
    [InlineData("ecod.x = 2003", "a")]
    [InlineData("ecod_x != '2003'", "bc")]
    [InlineData("not ecod_x = '2003'", "bcd")]
    [InlineData("ecod_x like '2003%'", "ab")]
    [InlineData("ecod_x not like '2003%'", "c")]
    [InlineData("ecod_x in ('11', '2003')", "ac")]
    [InlineData("ecod_x NOT IN ('11')", "ab")]
    [InlineData("length > 80", "ac")]
    [InlineData("length >= 80", "abc")]
    [InlineData("length < 120", "b")]
    [InlineData("length <= 120", "ab")]
    [InlineData("length between 80 and 120", "ab")]
    [InlineData("length > 119.5 and length < 3e2", "a")]
    [InlineData("plddt > 5.0e1", "a")]
    [InlineData("plddt is missing", "cd")]
    [InlineData("plddt IS NOT MISSING", "ab")]
    [InlineData("reviewed", "a")]
    [InlineData("not reviewed", "bcd")]
    [InlineData("reviewed = false", "b")]
    [InlineData("ligands = 'MG'", "a")]
    [InlineData("ligands in ('MG', \"ZN\")", "ac")]
    [InlineData("key = 'd' or (length > 100 and (reviewed or ecod_x = '11'))", "acd")]
    [InlineData("length > 100 and reviewed or key = 'd'", "ad")]
    public void Parse_Expression_SelectsRows(string expression, string expected)
    {
        Filter filter = WhereExpression.Parse(expression, Columns);
        string selected = string.Concat(Rows.Where(row => Naive(filter, row)).Select(row => row["key"].AsText()));
        Assert.Equal(expected, selected);
    }

    [Theory]
    [InlineData("lenght > 3", "no column 'lenght'")]
    [InlineData("length > 'long'", "not a number")]
    [InlineData("length", "ends where =")]
    [InlineData("length >", "ends where a value for length")]
    [InlineData("length > 3 length < 5", "stands where 'and', 'or' or the end")]
    [InlineData("(length > 3", "ends where ')'")]
    [InlineData("ecod_x = 'open", "not closed")]
    [InlineData("ecod_x like '%tail'", "one % at the end")]
    [InlineData("ecod_x like '20%3%'", "one % at the end")]
    [InlineData("length = 3 & reviewed", "'&' at position 12")]
    [InlineData("", "ends where a column name")]
    [InlineData("reviewed = perhaps", "true or false")]
    public void Parse_Malformed_SaysWhatAndWhere(string expression, string expected)
    {
        ClssQueryException exception = Assert.Throws<ClssQueryException>(() => WhereExpression.Parse(expression, Columns));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        if (expression.Length > 0)
        {
            Assert.Contains(expression, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parse_TooDeep_IsRefused()
    {
        string expression = new string('(', 10_000) + "reviewed" + new string(')', 10_000);
        Assert.Contains("levels", Assert.Throws<ClssQueryException>(() => WhereExpression.Parse(expression, Columns)).Message, StringComparison.Ordinal);
    }

    /// <summary>What a filter means, in the plainest form (<see cref="Filter"/>'s description).</summary>
    private static bool Naive(Filter filter, Dictionary<string, MetadataValue> row) => filter switch
    {
        Filter.All all => all.Filters.All(inner => Naive(inner, row)),
        Filter.Any any => any.Filters.Any(inner => Naive(inner, row)),
        Filter.Not not => !Naive(not.Inner, row),
        Filter.Equal { Value.IsMissing: true } equal => !row.ContainsKey(equal.Column),
        Filter.Equal equal => Values(row, equal.Column).Any(value => Compare(value, equal.Value) == 0),
        Filter.AnyOf anyOf => anyOf.Values.Any(value => Naive(new Filter.Equal(anyOf.Column, value), row)),
        Filter.Between between => Values(row, between.Column).Any(value =>
            (between.Low.IsMissing || Compare(value, between.Low) >= 0) && (between.High.IsMissing || Compare(value, between.High) <= 0)),
        _ => throw new InvalidOperationException(filter.ToString()),
    };

    private static IEnumerable<MetadataValue> Values(Dictionary<string, MetadataValue> row, string column) =>
        !row.TryGetValue(column, out MetadataValue value) ? []
        : value.Kind == MetadataKind.TextList ? value.AsTextList().Select(MetadataValue.Text)
        : [value];

    private static int Compare(MetadataValue a, MetadataValue b) => a.Kind switch
    {
        MetadataKind.Text => string.CompareOrdinal(a.AsText(), b.AsText()),
        MetadataKind.Flag => a.AsFlag().CompareTo(b.AsFlag()),
        _ => Number(a).CompareTo(Number(b)),
    };

    private static double Number(MetadataValue value) => value.Kind == MetadataKind.Integer ? value.AsInteger() : value.AsReal();

    private static Dictionary<string, MetadataValue> Row(string key, params (string Name, MetadataValue Value)[] values)
    {
        Dictionary<string, MetadataValue> row = values.ToDictionary(pair => pair.Name, pair => pair.Value);
        row["key"] = Text(key);
        return row;
    }

    private static MetadataValue Text(string value) => MetadataValue.Text(value);

    private static MetadataValue Whole(long value) => MetadataValue.Integer(value);

    private static MetadataValue Real(double value) => MetadataValue.Real(value);

    private static MetadataValue Flag(bool value) => MetadataValue.Flag(value);

    private static MetadataValue List(params string[] values) => MetadataValue.TextList(values);
}

using System.Globalization;
using Clss.Index;

namespace Clss.Query;

/// <summary>
/// Filters written as text: <c>ecod_x = '2003' and (length between 80 and 200 or not reviewed)</c>.
/// <code>
/// condition  := conjunct ("or" conjunct)*
/// conjunct   := factor ("and" factor)*
/// factor     := "not" factor | "(" condition ")" | column | column test
/// test       := ("=" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=") value
///             | ["not"] "in" "(" value ("," value)* ")"  | ["not"] "between" value "and" value
///             | ["not"] "like" "prefix%"                 | "is" ["not"] "missing"
/// </code>
/// Keywords may be in any case. A missing value satisfies no test but <c>is missing</c>. A column alone is a flag that is true.
/// A dot in a column name may be written for an underscore (<c>ecod.x</c>).
/// </summary>
public sealed class WhereExpression
{
    // Deeper than anything a person writes; keeps the recursion within the stack.
    private const int MaxDepth = 64;

    // Greater than every text that begins with what stands before it, in code point order.
    private const string LastCodePoint = "\U0010FFFF";

    private readonly string _expression;
    private readonly List<WhereToken> _tokens;
    private readonly Dictionary<string, ColumnType> _columns;
    private int _next;

    private WhereExpression(string expression, IReadOnlyList<ColumnDefinition> columns)
    {
        _expression = expression;
        _tokens = WhereLexer.Split(expression);
        _columns = columns.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        _columns.TryAdd("key", ColumnType.Text);
        _columns.TryAdd("partition", ColumnType.Text);
    }

    /// <summary>Reads an expression over the given columns, to which <c>key</c> and <c>partition</c> are added.</summary>
    /// <exception cref="ClssQueryException">The expression is malformed, names an unknown column, or compares it with a value of another type.</exception>
    public static Filter Parse(string expression, IReadOnlyList<ColumnDefinition> columns)
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(columns);
        var parser = new WhereExpression(expression, columns);
        Filter filter = parser.Condition(0);
        return parser.Peek.Kind == WhereTokenKind.End ? filter : throw parser.Unexpected("'and', 'or' or the end");
    }

    private WhereToken Peek => _tokens[_next];

    private Filter Condition(int depth)
    {
        var any = new List<Filter> { Conjunct(depth) };
        while (TakeWord("or"))
        {
            any.Add(Conjunct(depth));
        }

        return any.Count == 1 ? any[0] : new Filter.Any(any);
    }

    private Filter Conjunct(int depth)
    {
        var all = new List<Filter> { Factor(depth) };
        while (TakeWord("and"))
        {
            all.Add(Factor(depth));
        }

        return all.Count == 1 ? all[0] : new Filter.All(all);
    }

    private Filter Factor(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ClssQueryException($"Filter '{_expression}': more than {MaxDepth} levels of parentheses and 'not'.");
        }

        if (TakeWord("not"))
        {
            return new Filter.Not(Factor(depth + 1));
        }

        if (TakeSign("("))
        {
            Filter inner = Condition(depth + 1);
            return TakeSign(")") ? inner : throw Unexpected("')'");
        }

        return Test(Column(out ColumnType type), type);
    }

    private string Column(out ColumnType type)
    {
        WhereToken token = Peek;
        if (token.Kind != WhereTokenKind.Word)
        {
            throw Unexpected("a column name");
        }

        _next++;
        string name = token.Text;
        if (!_columns.TryGetValue(name, out type))
        {
            name = name.Replace('.', '_');
            if (!_columns.TryGetValue(name, out type))
            {
                throw new ClssQueryException(
                    $"Filter '{_expression}': there is no column '{token.Text}'. Columns: {string.Join(", ", _columns.Keys)}.");
            }
        }

        return name;
    }

    private Filter Test(string column, ColumnType type)
    {
        WhereToken token = Peek;
        if (token.Kind == WhereTokenKind.Sign && token.Text is "=" or "==" or "!=" or "<>" or "<" or "<=" or ">" or ">=")
        {
            _next++;
            return Comparison(column, token.Text, Value(column, type));
        }

        if (TakeWord("is"))
        {
            bool present = TakeWord("not");
            if (!TakeWord("missing") && !TakeWord("null"))
            {
                throw Unexpected("'missing'");
            }

            return present ? Present(column) : Absent(column);
        }

        bool negated = TakeWord("not");
        Filter? test = ListTest(column, type);
        if (test is not null)
        {
            return negated ? new Filter.All([new Filter.Not(test), Present(column)]) : test;
        }

        return type == ColumnType.Flag && !negated
            ? new Filter.Equal(column, MetadataValue.Flag(true))
            : throw Unexpected("=, !=, <, <=, >, >=, in, between, like or is");
    }

    private Filter? ListTest(string column, ColumnType type)
    {
        if (TakeWord("in"))
        {
            return new Filter.AnyOf(column, Values(column, type));
        }

        if (TakeWord("between"))
        {
            MetadataValue low = Value(column, type);
            return TakeWord("and") ? new Filter.Between(column, low, Value(column, type)) : throw Unexpected("'and'");
        }

        return TakeWord("like") ? Prefix(column, type) : null;
    }

    private static Filter Comparison(string column, string sign, MetadataValue value)
    {
        var equal = new Filter.Equal(column, value);
        return sign switch
        {
            "=" or "==" => equal,
            "!=" or "<>" => new Filter.All([new Filter.Not(equal), Present(column)]),
            "<=" => new Filter.Between(column, MetadataValue.Missing, value),
            ">=" => new Filter.Between(column, value, MetadataValue.Missing),
            "<" => new Filter.All([new Filter.Between(column, MetadataValue.Missing, value), new Filter.Not(equal)]),
            _ => new Filter.All([new Filter.Between(column, value, MetadataValue.Missing), new Filter.Not(equal)]),
        };
    }

    private List<MetadataValue> Values(string column, ColumnType type)
    {
        if (!TakeSign("("))
        {
            throw Unexpected("'('");
        }

        var values = new List<MetadataValue> { Value(column, type) };
        while (TakeSign(","))
        {
            values.Add(Value(column, type));
        }

        return TakeSign(")") ? values : throw Unexpected("',' or ')'");
    }

    private Filter.Between Prefix(string column, ColumnType type)
    {
        WhereToken token = Peek;
        string pattern = token.Text;
        if (token.Kind != WhereTokenKind.Text || type is not (ColumnType.Text or ColumnType.TextList)
            || pattern.IndexOf('%', StringComparison.Ordinal) != pattern.Length - 1)
        {
            throw new ClssQueryException(
                $"Filter '{_expression}': 'like' finds texts by their beginning: {column} like 'beginning%', with one % at the end.");
        }

        _next++;
        string prefix = pattern[..^1];
        return new Filter.Between(column, MetadataValue.Text(prefix), MetadataValue.Text(prefix + LastCodePoint));
    }

    private MetadataValue Value(string column, ColumnType type)
    {
        WhereToken token = Peek;
        if (token.Kind is WhereTokenKind.End or WhereTokenKind.Sign)
        {
            throw Unexpected($"a value for {column}");
        }

        _next++;
        string text = token.Text;
        switch (type)
        {
            case ColumnType.Text or ColumnType.TextList:
                return MetadataValue.Text(text);
            case ColumnType.Flag when bool.TryParse(text, out bool flag):
                return MetadataValue.Flag(flag);
            case ColumnType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer):
                return MetadataValue.Integer(integer);
            case ColumnType.Integer or ColumnType.Real
                when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && !double.IsNaN(real):
                return MetadataValue.Real(real);
            default:
                string wanted = type == ColumnType.Flag ? "true or false" : "a number";
                throw new ClssQueryException(
                    $"Filter '{_expression}': column '{column}' holds {type} values; '{text}' at position {token.Position + 1} is not {wanted}.");
        }
    }

    private static Filter.Equal Absent(string column) => new(column, MetadataValue.Missing);

    private static Filter.Not Present(string column) => new(Absent(column));

    private bool TakeWord(string word)
    {
        bool taken = Peek.Kind == WhereTokenKind.Word && string.Equals(Peek.Text, word, StringComparison.OrdinalIgnoreCase);
        _next += taken ? 1 : 0;
        return taken;
    }

    private bool TakeSign(string sign)
    {
        bool taken = Peek.Kind == WhereTokenKind.Sign && Peek.Text == sign;
        _next += taken ? 1 : 0;
        return taken;
    }

    private ClssQueryException Unexpected(string expected) => new(
        Peek.Kind == WhereTokenKind.End
            ? $"Filter '{_expression}' ends where {expected} is expected."
            : $"Filter '{_expression}': '{Peek.Text}' at position {Peek.Position + 1} stands where {expected} is expected.");
}

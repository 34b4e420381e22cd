using Clss.Index.Storage;
using Clss.Index.Vectors;

namespace Clss.Index.Metadata;

/// <summary>Evaluates a filter over the rows of a collection, column by column. Dead rows may be accepted or not.</summary>
internal sealed class FilterEvaluator
{
    public const string KeyColumn = "key";
    public const string PartitionColumn = "partition";

    // Filters come from users and over the network; deeper nesting than this is an error or an attack on the stack.
    private const int MaximumDepth = 64;

    private readonly RowSet _rows;
    private readonly int _baseWords;
    private readonly int _recentWords;

    private FilterEvaluator(RowSet rows)
    {
        _rows = rows;
        _baseWords = VectorLayout.Words(rows.Base.Rows);
        _recentWords = VectorLayout.Words(rows.Recent.Count);
    }

    public static AcceptedRows Evaluate(Filter filter, RowSet rows)
    {
        var evaluator = new FilterEvaluator(rows);
        (ulong[] inBase, ulong[] inRecent) = evaluator.Evaluate(filter, 0);
        return new AcceptedRows(filter, rows.Version, inBase, inRecent);
    }

    private (ulong[] Base, ulong[] Recent) Evaluate(Filter filter, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw new ClssIndexException($"The filter is nested more than {MaximumDepth} levels deep. Use AnyOf, or flatten All and Any.");
        }

        switch (filter)
        {
            case Filter.Equal equal:
                return Compare(equal.Column, type => new ValueTest(equal.Column, type, [equal.Value]));
            case Filter.AnyOf anyOf:
                return Compare(anyOf.Column, type => new ValueTest(anyOf.Column, type, anyOf.Values));
            case Filter.Between between:
                return Compare(between.Column, type => new ValueTest(between.Column, type, between.Low, between.High));
            case Filter.Not not:
                (ulong[] inBase, ulong[] inRecent) = Evaluate(not.Inner, depth + 1);
                Complement(inBase);
                Complement(inRecent);
                return (inBase, inRecent);
            case Filter.All all:
                return Combine(all.Filters, depth, intersect: true);
            case Filter.Any any:
                return Combine(any.Filters, depth, intersect: false);
            default:
                throw new ClssIndexException("The filter is null.");
        }
    }

    private (ulong[] Base, ulong[] Recent) Combine(IReadOnlyList<Filter> filters, int depth, bool intersect)
    {
        var inBase = new ulong[_baseWords];
        var inRecent = new ulong[_recentWords];
        if (intersect)
        {
            Complement(inBase);
            Complement(inRecent);
        }

        foreach (Filter filter in filters)
        {
            (ulong[] nextBase, ulong[] nextRecent) = Evaluate(filter, depth + 1);
            Merge(inBase, nextBase, intersect);
            Merge(inRecent, nextRecent, intersect);
        }

        return (inBase, inRecent);
    }

    private static void Merge(ulong[] words, ulong[] other, bool intersect)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = intersect ? words[i] & other[i] : words[i] | other[i];
        }
    }

    private static void Complement(ulong[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = ~words[i];
        }
    }

    private (ulong[] Base, ulong[] Recent) Compare(string name, Func<ColumnType, ValueTest> prepare)
    {
        var inBase = new ulong[_baseWords];
        var inRecent = new ulong[_recentWords];
        if (string.Equals(name, KeyColumn, StringComparison.Ordinal))
        {
            SelectKeys(prepare(ColumnType.Text), inBase, inRecent);
        }
        else if (string.Equals(name, PartitionColumn, StringComparison.Ordinal))
        {
            SelectPartitions(prepare(ColumnType.Text), inBase, inRecent);
        }
        else
        {
            SelectColumn(name, prepare, inBase, inRecent);
        }

        return (inBase, inRecent);
    }

    private void SelectColumn(string name, Func<ColumnType, ValueTest> prepare, ulong[] inBase, ulong[] inRecent)
    {
        int column = _rows.ColumnIndex(name);
        if (column < 0)
        {
            string known = string.Join(", ", _rows.Columns.Select(c => c.Name).Append(KeyColumn).Append(PartitionColumn));
            throw new ClssIndexException($"The collection has no column \"{name}\". Its columns are: {known}.");
        }

        ValueTest test = prepare(_rows.Columns[column].Type);
        Column? stored = _rows.Base.Column(column);
        if (stored is not null)
        {
            stored.Select(test, inBase);
        }
        else if (test.AcceptsMissing)
        {
            Complement(inBase);
        }

        for (int row = 0; row < _rows.Recent.Count; row++)
        {
            Set(inRecent, row, test.Accepts(_rows.Recent.Value(row, column)));
        }
    }

    private void SelectKeys(ValueTest test, ulong[] inBase, ulong[] inRecent)
    {
        for (int i = 0; i < test.Texts?.Count; i++)
        {
            ReadOnlySpan<byte> key = test.Texts[i];
            ulong hash = KeyHash.Compute(key);
            long probe = 0;
            for (int row = _rows.Base.FindKey(key, hash, ref probe); row >= 0; row = _rows.Base.FindKey(key, hash, ref probe))
            {
                Set(inBase, row, true);
            }
        }

        for (int row = 0; row < _rows.Base.Rows && test.Texts is null; row++)
        {
            Set(inBase, row, test.Accepts(_rows.Base.KeyUtf8(row)));
        }

        for (int row = 0; row < _rows.Recent.Count; row++)
        {
            Set(inRecent, row, test.Accepts(MetadataValue.Text(_rows.Recent.Key(row))));
        }
    }

    private void SelectPartitions(ValueTest test, ulong[] inBase, ulong[] inRecent)
    {
        var accepted = new bool[_rows.PartitionNames.Count];
        for (int id = 0; id < accepted.Length; id++)
        {
            accepted[id] = test.Accepts(MetadataValue.Text(_rows.PartitionNames[id]));
        }

        for (int id = 0; id < _rows.Base.Schema.Partitions.Count; id++)
        {
            PartitionRange range = _rows.Base.Schema.Partitions[id];
            for (int row = range.Start; row < range.End && accepted[id]; row++)
            {
                Set(inBase, row, true);
            }
        }

        for (int row = 0; row < _rows.Recent.Count; row++)
        {
            Set(inRecent, row, accepted[_rows.Recent.Partition(row)]);
        }
    }

    private static void Set(ulong[] words, int row, bool value) => words[row >> 6] |= value ? 1UL << row : 0;
}

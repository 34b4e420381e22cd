using System.Text;

namespace Clss.Index.Tests;

/// <summary>What a filter means, row by row.</summary>
internal static class NaiveFilter
{
    public static bool Accepts(Filter filter, VectorEntry row) => filter switch
    {
        Filter.Equal equal => Matches(Value(row, equal.Column), equal.Value),
        Filter.AnyOf anyOf => anyOf.Values.Any(value => Matches(Value(row, anyOf.Column), value)),
        Filter.Between between => IsBetween(Value(row, between.Column), between.Low, between.High),
        Filter.All all => all.Filters.All(inner => Accepts(inner, row)),
        Filter.Any any => any.Filters.Any(inner => Accepts(inner, row)),
        Filter.Not not => !Accepts(not.Inner, row),
        _ => throw new ArgumentException(filter.GetType().Name),
    };

    private static MetadataValue Value(VectorEntry row, string column) => column switch
    {
        "key" => MetadataValue.Text(row.Key),
        "partition" => MetadataValue.Text(row.Partition),
        _ => row.Metadata.GetValueOrDefault(column),
    };

    private static bool Matches(MetadataValue value, MetadataValue wanted) => value.Kind switch
    {
        MetadataKind.TextList => !wanted.IsMissing && value.AsTextList().Contains(wanted.AsText()),
        MetadataKind.Integer or MetadataKind.Real when !wanted.IsMissing && value != wanted => Order(value, wanted) == 0,
        _ => value == wanted,
    };

    private static bool IsBetween(MetadataValue value, MetadataValue low, MetadataValue high)
    {
        if (value.Kind == MetadataKind.TextList)
        {
            return value.AsTextList().Any(text => IsBetween(MetadataValue.Text(text), low, high));
        }

        return !value.IsMissing && (low.IsMissing || Order(value, low) >= 0) && (high.IsMissing || Order(value, high) <= 0);
    }

    private static int? Order(MetadataValue left, MetadataValue right)
    {
        if (left.Kind == MetadataKind.Text)
        {
            return Encoding.UTF8.GetBytes(left.AsText()).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right.AsText()));
        }

        if (left.Kind == MetadataKind.Integer && right.Kind == MetadataKind.Integer)
        {
            return left.AsInteger().CompareTo(right.AsInteger());
        }

        double a = Number(left);
        double b = Number(right);
        return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
    }

    private static double Number(MetadataValue value) => value.Kind == MetadataKind.Integer ? value.AsInteger() : value.AsReal();
}

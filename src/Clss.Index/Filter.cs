namespace Clss.Index;

/// <summary>
/// A condition on rows, as data. Columns are named as in the collection; <c>key</c> and <c>partition</c> name the identity of a row.
/// A missing value satisfies no comparison except equality with <see cref="MetadataValue.Missing"/>; <see cref="Not"/> is the plain complement.
/// Integer and real columns take integers and reals alike. A list of text satisfies a comparison where one of its texts does.
/// Texts compare ordinally by code point.
/// </summary>
public abstract record Filter
{
    private Filter()
    {
    }

    /// <summary>The column has this value; <see cref="MetadataValue.Missing"/> asks for rows without one.</summary>
    public sealed record Equal(string Column, MetadataValue Value) : Filter;

    /// <summary>The column has one of these values.</summary>
    public sealed record AnyOf(string Column, IReadOnlyList<MetadataValue> Values) : Filter;

    /// <summary>The column lies between the bounds, both included; a missing bound is open. Not for flags.</summary>
    public sealed record Between(string Column, MetadataValue Low, MetadataValue High) : Filter;

    /// <summary>Every condition holds; true where there are none.</summary>
    public sealed record All(IReadOnlyList<Filter> Filters) : Filter;

    /// <summary>At least one condition holds; false where there are none.</summary>
    public sealed record Any(IReadOnlyList<Filter> Filters) : Filter;

    /// <summary>The condition does not hold.</summary>
    public sealed record Not(Filter Inner) : Filter;
}

namespace Clss.Index;

/// <summary>A named and typed metadata column. Every row holds a value of the type, or none.</summary>
/// <param name="Name">Unique in its collection; not <c>key</c> or <c>partition</c>, which filters use for the identity of a row.</param>
/// <param name="Type">What the column holds.</param>
public sealed record ColumnDefinition(string Name, ColumnType Type);

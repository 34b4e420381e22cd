using Clss.Index;

namespace Clss.Ingest.Formats.Tsv;

/// <summary>One row of a <see cref="MetadataTable"/>.</summary>
/// <param name="Key">The first cell.</param>
/// <param name="Partition">The cell of the column <c>partition</c>; empty where there is no such column.</param>
/// <param name="Metadata">The values of the other columns, in their order, without the missing ones.</param>
/// <param name="Line">The 1-based line.</param>
public sealed record MetadataRow(string Key, string Partition, IReadOnlyDictionary<string, MetadataValue> Metadata, long Line);

namespace Clss.Index.Metadata;

/// <summary>The rows that a filter accepts: a bit for each row of the generation, and for each recent row.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Version">The version of the rows at which it was evaluated.</param>
/// <param name="Base">Bits of the generation's rows.</param>
/// <param name="Recent">Bits of the recent rows.</param>
internal sealed record AcceptedRows(Filter Filter, long Version, ulong[] Base, ulong[] Recent);

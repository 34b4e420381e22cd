using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>A column of a table of hits.</summary>
/// <param name="Name">Its name in the header line.</param>
/// <param name="Value">Its value for a hit of a query.</param>
internal sealed record HitColumn(string Name, Func<ProteinQuery, ProteinHit, Cell> Value);

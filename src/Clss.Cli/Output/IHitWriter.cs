using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>Where hits go, query by query: a table, JSON lines or a result database.</summary>
internal interface IHitWriter : IDisposable
{
    /// <summary>Writes the hits of one query.</summary>
    void Write(QueryResult result);

    /// <summary>Makes the result visible under its name.</summary>
    void Complete();
}

using System.Diagnostics.CodeAnalysis;

namespace Clss.Query;

/// <summary>A query by a ready vector, of another database or of a file.</summary>
public sealed record ByVector : ProteinQuery
{
    /// <summary>Creates a query from a name and a vector of the database's dimension; it need not have unit length.</summary>
    [SetsRequiredMembers]
    public ByVector(string name, ReadOnlyMemory<float> vector)
    {
        Name = name;
        Vector = vector;
    }

    /// <summary>The vector, [dimension].</summary>
    public ReadOnlyMemory<float> Vector { get; }
}

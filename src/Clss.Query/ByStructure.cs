using System.Diagnostics.CodeAnalysis;
using Clss.Embedder;
using Clss.Embedder.Inputs;

namespace Clss.Query;

/// <summary>A query by backbone coordinates, embedded when it is asked.</summary>
public sealed record ByStructure : ProteinQuery
{
    /// <summary>Creates a query from a name and coordinates in Å.</summary>
    [SetsRequiredMembers]
    public ByStructure(string name, Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        Name = name;
        Backbone = backbone;
        Modality = Modality.Structure;
        Length = backbone.Length;
    }

    /// <summary>The coordinates.</summary>
    public Backbone Backbone { get; }
}

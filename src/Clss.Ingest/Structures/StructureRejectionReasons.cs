namespace Clss.Ingest.Structures;

/// <summary>The reasons for which a chain or file is not taken, besides those of <see cref="RejectionReasons"/>.</summary>
public static class StructureRejectionReasons
{
    /// <summary>The chain has no amino acids: nucleic acid, sugar, ligand, water.</summary>
    public const string NoProtein = "no protein";

    /// <summary>No residue of the chain has N, CA and C: the network would see nothing.</summary>
    public const string NoBackbone = "no complete backbone";

    /// <summary>The coordinates are all the same.</summary>
    public const string BadCoordinates = "unusable coordinates";

    /// <summary>The selected chain is not in the structure.</summary>
    public const string NoSuchChain = "no such chain";

    /// <summary>The selected model is not in the structure.</summary>
    public const string NoSuchModel = "no such model";

    /// <summary>A range names no chain, and the structure has several protein chains.</summary>
    public const string AmbiguousChain = "ambiguous chain";

    /// <summary>The chain has no residue in the selected range.</summary>
    public const string EmptyRange = "no residue in range";

    /// <summary>The file is no structure, is damaged, or holds no atom.</summary>
    public const string UnreadableStructure = "unreadable structure";
}

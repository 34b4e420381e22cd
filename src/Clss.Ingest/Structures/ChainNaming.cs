namespace Clss.Ingest.Structures;

/// <summary>Whose chain ids a selection uses.</summary>
public enum ChainNaming
{
    /// <summary>The author's: mmCIF <c>auth_asym_id</c>, the chain column of PDB files, ECOD, CATH and SCOPe.</summary>
    Author,

    /// <summary>The dictionary's: mmCIF <c>label_asym_id</c>. PDB files have none.</summary>
    Label,
}

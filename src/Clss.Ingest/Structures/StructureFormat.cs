namespace Clss.Ingest.Structures;

/// <summary>The formats that are read.</summary>
public enum StructureFormat
{
    /// <summary>The column format of the Protein Data Bank, version 3.3.</summary>
    Pdb,

    /// <summary>PDBx/mmCIF text.</summary>
    MmCif,

    /// <summary>BinaryCIF, version 0.3.</summary>
    BinaryCif,
}

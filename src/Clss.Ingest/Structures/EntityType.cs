namespace Clss.Ingest.Structures;

/// <summary>What a chain consists of.</summary>
public enum EntityType
{
    /// <summary>Ligands, ions, or residues of no known kind.</summary>
    Other,

    /// <summary>Amino acids joined by peptide bonds.</summary>
    Protein,

    /// <summary>DNA or RNA.</summary>
    NucleicAcid,

    /// <summary>Sugars.</summary>
    Carbohydrate,

    /// <summary>Water alone.</summary>
    Water,
}

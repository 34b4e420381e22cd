namespace Clss.Ingest.Structures;

/// <summary>Which numbers a residue range uses.</summary>
public enum ResidueNumbering
{
    /// <summary>The author's numbers and insertion codes: PDB files, ECOD <c>pdb_range</c>, CATH, SCOPe.</summary>
    Author,

    /// <summary>mmCIF <c>label_seq_id</c>, 1-based in the full sequence: ECOD <c>seqid_range</c>. PDB files have none.</summary>
    Label,

    /// <summary>Positions counted from 1 along the residues of the chain that are in the file: Chainsaw, Merizo.</summary>
    Position,
}

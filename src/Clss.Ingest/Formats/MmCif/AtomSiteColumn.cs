namespace Clss.Ingest.Formats.MmCif;

/// <summary>The columns of <c>_atom_site</c> that are read; the names of the members are those of the dictionary.</summary>
internal enum AtomSiteColumn
{
    GroupPdb,
    TypeSymbol,
    LabelAtomId,
    AuthAtomId,
    LabelAltId,
    LabelCompId,
    AuthCompId,
    LabelAsymId,
    AuthAsymId,
    LabelSeqId,
    AuthSeqId,
    InsertionCode,
    X,
    Y,
    Z,
    Occupancy,
    BFactor,
    ModelNumber,
}

/// <summary>Names of the columns.</summary>
internal static class AtomSiteColumns
{
    private static readonly string[] Names =
    [
        "group_PDB", "type_symbol", "label_atom_id", "auth_atom_id", "label_alt_id", "label_comp_id", "auth_comp_id", "label_asym_id",
        "auth_asym_id", "label_seq_id", "auth_seq_id", "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy", "B_iso_or_equiv", "pdbx_PDB_model_num",
    ];

    public static int Count => Names.Length;

    public static string NameOf(AtomSiteColumn column) => Names[(int)column];

    /// <summary>The column of a name without its category; -1 when it is not read.</summary>
    public static int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, Names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}

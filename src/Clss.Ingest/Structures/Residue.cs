namespace Clss.Ingest.Structures;

/// <summary>One residue, ligand or water: a view into the arrays of its <see cref="Structure"/>.</summary>
public readonly struct Residue
{
    private readonly Structure _structure;
    private readonly int _index;

    internal Residue(Structure structure, int index)
    {
        _structure = structure;
        _index = index;
    }

    /// <summary>The name of the component, such as <c>ALA</c>; mmCIF <c>label_comp_id</c>.</summary>
    public string Name => Component.Name;

    /// <summary>The standard residue it was made from, such as <c>MET</c> for <c>MSE</c>: as the file says, else as the chemical dictionary says; null for standard and unknown ones.</summary>
    public string? Parent => Component.Parent;

    /// <summary>The one-letter code, of the parent when modified; <c>X</c> when unknown.</summary>
    public char Letter => Component.Letter;

    /// <summary>The author's number and insertion code; mmCIF <c>auth_seq_id</c> and <c>pdbx_PDB_ins_code</c>.</summary>
    public ResidueNumber Number => new(Record.Number, Record.InsertionCode);

    /// <summary>The 1-based position in the sequence of the entity; mmCIF <c>label_seq_id</c>. Null in PDB files and outside polymers.</summary>
    public int? LabelNumber => Record.LabelNumber == ResidueRecord.NoLabelNumber ? null : Record.LabelNumber;

    /// <summary>mmCIF <c>label_asym_id</c>; empty in PDB files.</summary>
    public string LabelId => _structure.LabelIds[Record.LabelId];

    /// <summary>Number of atom records, all alternate locations counted.</summary>
    public int AtomCount => Record.AtomCount;

    /// <summary>An atom by its place in the file.</summary>
    public Atom this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, AtomCount);
            return new Atom(_structure, Record.AtomStart + index);
        }
    }

    /// <summary>The atoms in file order.</summary>
    public IEnumerable<Atom> Atoms
    {
        get
        {
            Structure structure = _structure;
            return Enumerable.Range(Record.AtomStart, Record.AtomCount).Select(index => new Atom(structure, index));
        }
    }

    private Component Component => _structure.Components[Record.Component];

    private ref readonly ResidueRecord Record => ref _structure.Residues[_index];
}

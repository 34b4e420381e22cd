namespace Clss.Ingest.Structures;

/// <summary>One atom: a view into the arrays of its <see cref="Structure"/>.</summary>
public readonly struct Atom
{
    private readonly Structure _structure;
    private readonly int _index;

    internal Atom(Structure structure, int index)
    {
        _structure = structure;
        _index = index;
    }

    /// <summary>The name; mmCIF <c>label_atom_id</c>.</summary>
    public AtomName Name => Record.Name;

    /// <summary>The element symbol as written, in capitals; empty when the file has none.</summary>
    public string Element => StructureText.Element(Record.Element);

    /// <summary>The letter of the alternate location; a blank when there is one location only. mmCIF <c>label_alt_id</c>.</summary>
    public char AltLoc => Record.AltLoc == 0 ? ' ' : (char)Record.AltLoc;

    /// <summary>x in Å; NaN when the file has no number.</summary>
    public float X => Record.X;

    /// <summary>y in Å.</summary>
    public float Y => Record.Y;

    /// <summary>z in Å.</summary>
    public float Z => Record.Z;

    /// <summary>The occupancy; 1 when the file has none.</summary>
    public float Occupancy => Record.Occupancy;

    /// <summary>The B-factor in Å²; for predicted models usually pLDDT, 0 to 100. 0 when the file has none.</summary>
    public float BFactor => Record.BFactor;

    /// <summary>Whether it is a HETATM record.</summary>
    public bool IsHetero => Record.IsHetero;

    private ref readonly AtomRecord Record => ref _structure.Atoms[_index];
}

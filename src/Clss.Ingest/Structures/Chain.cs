namespace Clss.Ingest.Structures;

/// <summary>
/// Everything under one author chain id in one model: polymer, ligands and water, in file order. A view into the arrays of its
/// <see cref="Structure"/>.
/// </summary>
public readonly struct Chain
{
    private readonly Structure _structure;
    private readonly int _index;

    internal Chain(Structure structure, int index)
    {
        _structure = structure;
        _index = index;
    }

    /// <summary>The author's chain id; mmCIF <c>auth_asym_id</c>. May be empty; upper and lower case differ.</summary>
    public string AuthId => Record.AuthId;

    /// <summary>The label id of the polymer, else of the first residue; mmCIF <c>label_asym_id</c>. Empty in PDB files.</summary>
    public string LabelId => _structure.LabelIds[ChainTypes.LabelIdOf(_structure, _index)];

    /// <summary>What the chain consists of.</summary>
    public EntityType EntityType => ChainTypes.TypeOf(_structure, _index);

    /// <summary>Number of residues, ligands and waters counted.</summary>
    public int ResidueCount => Record.ResidueCount;

    /// <summary>A residue by its place in the chain.</summary>
    public Residue this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ResidueCount);
            return new Residue(_structure, Record.ResidueStart + index);
        }
    }

    /// <summary>The residues in file order.</summary>
    public IEnumerable<Residue> Residues
    {
        get
        {
            Structure structure = _structure;
            return Enumerable.Range(Record.ResidueStart, Record.ResidueCount).Select(index => new Residue(structure, index));
        }
    }

    private ref readonly ChainRecord Record => ref _structure.Chains[_index];
}

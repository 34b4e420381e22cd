namespace Clss.Ingest.Structures;

/// <summary>One model: a view into the arrays of its <see cref="Structure"/>.</summary>
public readonly struct StructureModel
{
    private readonly Structure _structure;
    private readonly int _index;

    internal StructureModel(Structure structure, int index)
    {
        _structure = structure;
        _index = index;
    }

    /// <summary>The number in the file; mmCIF <c>pdbx_PDB_model_num</c>. 1 when the file numbers none.</summary>
    public int ModelNumber => Record.Number;

    /// <summary>Number of chains.</summary>
    public int ChainCount => Record.ChainCount;

    /// <summary>A chain by its place in the model.</summary>
    public Chain this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ChainCount);
            return new Chain(_structure, Record.ChainStart + index);
        }
    }

    /// <summary>The chains in the order in which they begin in the file.</summary>
    public IEnumerable<Chain> Chains
    {
        get
        {
            Structure structure = _structure;
            return Enumerable.Range(Record.ChainStart, Record.ChainCount).Select(index => new Chain(structure, index));
        }
    }

    private ref readonly ModelRecord Record => ref _structure.ModelRecords[_index];
}

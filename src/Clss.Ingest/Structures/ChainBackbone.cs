using Clss.Embedder.Inputs;

namespace Clss.Ingest.Structures;

/// <summary>One protein chain, or a domain of it, as it is embedded: sequence, coordinates, and which residues they are.</summary>
public sealed class ChainBackbone
{
    // A peptide bond is 1.33 Å long: R. A. Engh and R. Huber, Acta Cryst. A47 (1991) 392. Bad models stretch it.
    private const float MaxPeptideBond = 2.0f;
    private const int Axes = 3;

    private readonly int[] _residues;
    private readonly int[] _atoms;
    private readonly int[] _ends;

    internal ChainBackbone(Structure structure, ChosenResidues chosen)
    {
        Structure = structure;
        _residues = [.. chosen.Residues];
        _atoms = [.. chosen.Atoms];
        _ends = [.. chosen.Ends];
        Sequence = chosen.Letters.ToString();
        Backbone = MakeBackbone();
    }

    /// <summary>The name under which it is stored and shown: file, chain where there are several, and range where one was selected.</summary>
    public required string Key { get; init; }

    /// <summary>The structure it is part of.</summary>
    public Structure Structure { get; }

    /// <summary>How residues and atoms were chosen.</summary>
    public required StructurePolicy Policy { get; init; }

    /// <summary>The number of the model.</summary>
    public required int ModelNumber { get; init; }

    /// <summary>The author's chain id; several, joined with <c>+</c>, for a domain across chains.</summary>
    public required string AuthId { get; init; }

    /// <summary>The label chain id; empty in PDB files; joined with <c>+</c> for a domain across chains.</summary>
    public required string LabelId { get; init; }

    /// <summary>The selected ranges as ECOD writes them; empty for a whole chain.</summary>
    public string Range { get; init; } = "";

    /// <summary>One-letter codes, one a residue.</summary>
    public string Sequence { get; }

    /// <summary>Number of residues L.</summary>
    public int Length => _residues.Length;

    /// <summary>The coordinates as the structure network takes them.</summary>
    public Backbone Backbone { get; }

    /// <summary>The author's numbers, [L].</summary>
    public IReadOnlyList<ResidueNumber> ResidueNumbers => [.. _residues.Select(index => new ResidueNumber(Structure.Residues[index].Number, Structure.Residues[index].InsertionCode))];

    /// <summary>mmCIF <c>label_seq_id</c>, [L]; null where the file has none.</summary>
    public IReadOnlyList<int?> LabelNumbers => [.. _residues.Select(index => new Residue(Structure, index).LabelNumber)];

    /// <summary>The names of the residues as in the file, [L].</summary>
    public IReadOnlyList<string> ResidueNames => [.. _residues.Select(NameOf)];

    /// <summary>How many of the 37 places of each residue are filled, [L].</summary>
    public IReadOnlyList<int> AtomCounts => [.. Enumerable.Range(0, Length).Select(CountAtoms)];

    /// <summary>The mean over residues of the B-factor of CA, or of the first atom where there is no CA. For predicted models it is the mean pLDDT, 0 to 100.</summary>
    public float MeanBFactor => Length == 0 ? 0 : (float)(Enumerable.Range(0, Length).Sum(index => (double)BFactorOf(index)) / Length);

    /// <summary>The residueIndex of every residue that is not bonded to the one before it: residues are missing there, or the range jumps.</summary>
    public IReadOnlyList<int> Gaps => [.. Enumerable.Range(1, Math.Max(0, Length - 1)).Where(index => !IsBonded(index))];

    /// <summary>Writes all-atom coordinates in Å, [L, 37, 3]; NaN marks an absent atom. The order is that of <see cref="Atom37Layout"/>.</summary>
    /// <returns>The number of values written, L x 111.</returns>
    public int CopyAtom37(Span<float> destination)
    {
        int stride = Atom37Layout.Count * Axes;
        if (destination.Length < Length * stride)
        {
            throw new ArgumentException($"Room for {destination.Length} values, {Length * stride} are needed.", nameof(destination));
        }

        for (int i = 0; i < Length; i++)
        {
            Fill(i, destination.Slice(i * stride, stride));
        }

        return Length * stride;
    }

    private Backbone MakeBackbone()
    {
        const int kept = Backbone.AtomsPerResidue * Axes;
        float[] coordinates = new float[Length * kept];
        bool[] hasAnyAtom = new bool[Length];
        Span<float> residue = stackalloc float[Atom37Layout.Count * Axes];
        for (int i = 0; i < Length; i++)
        {
            hasAnyAtom[i] = Fill(i, residue);
            residue[..kept].CopyTo(coordinates.AsSpan(i * kept));
        }

        return Backbone.FromNCaC(coordinates, hasAnyAtom);
    }

    /// <summary>Puts the atoms of one residue in their places; returns whether any has finite coordinates.</summary>
    private bool Fill(int index, Span<float> residue)
    {
        residue.Fill(float.NaN);
        string name = NameOf(_residues[index]);
        bool any = false;
        foreach (int atom in AtomsOf(index))
        {
            ref readonly AtomRecord record = ref Structure.Atoms[atom];
            int place = Atom37Layout.PlaceOf(record.Name, name) * Axes;
            (residue[place], residue[place + 1], residue[place + 2]) = (record.X, record.Y, record.Z);
            any |= float.IsFinite(record.X) && float.IsFinite(record.Y) && float.IsFinite(record.Z);
        }

        return any;
    }

    private ReadOnlySpan<int> AtomsOf(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _atoms.AsSpan(start, _ends[index] - start);
    }

    private string NameOf(int residue) => Structure.Components[Structure.Residues[residue].Component].Name;

    private int CountAtoms(int index)
    {
        string name = NameOf(_residues[index]);
        ulong places = 0;
        foreach (int atom in AtomsOf(index))
        {
            places |= 1UL << Atom37Layout.PlaceOf(Structure.Atoms[atom].Name, name);
        }

        return System.Numerics.BitOperations.PopCount(places);
    }

    private float BFactorOf(int index)
    {
        ReadOnlySpan<int> atoms = AtomsOf(index);
        foreach (int atom in atoms)
        {
            if (Structure.Atoms[atom].Name == StructureAtoms.CA)
            {
                return Structure.Atoms[atom].BFactor;
            }
        }

        return atoms.IsEmpty ? 0 : Structure.Atoms[atoms[0]].BFactor;
    }

    private bool IsBonded(int index)
    {
        ReadOnlySpan<float> coordinates = Backbone.Coordinates.Span;
        ReadOnlySpan<float> c = coordinates.Slice(((index - 1) * 9) + 6, Axes);
        ReadOnlySpan<float> n = coordinates.Slice(index * 9, Axes);
        float x = c[0] - n[0];
        float y = c[1] - n[1];
        float z = c[2] - n[2];
        float squared = (x * x) + (y * y) + (z * z);
        if (float.IsFinite(squared))
        {
            return squared <= MaxPeptideBond * MaxPeptideBond;
        }

        // Without both atoms the numbers decide.
        ref readonly ResidueRecord before = ref Structure.Residues[_residues[index - 1]];
        ref readonly ResidueRecord here = ref Structure.Residues[_residues[index]];
        return before.Chain == here.Chain && here.Number - before.Number is 0 or 1;
    }
}

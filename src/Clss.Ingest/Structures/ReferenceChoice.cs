namespace Clss.Ingest.Structures;

/// <summary>
/// Chooses residues and atoms as the original Python program does (<see cref="StructurePolicy.Reference"/>): <c>ProteinChain.from_pdb</c> of
/// evolutionaryscale/esm 3.2 on <c>filter_amino_acids</c> and <c>filter_first_altloc</c> of Biotite 1.0.1.
/// </summary>
internal sealed class ReferenceChoice
{
    private readonly Structure _structure;
    private readonly List<int> _atoms = [];
    private readonly List<int> _residueOfAtom = [];

    private ReferenceChoice(Structure structure, int model)
    {
        _structure = structure;
        ListAtoms(model);
    }

    /// <summary>The chain of the first atom record of the model, as the reference names it.</summary>
    public static string FirstChain(Structure structure, int model)
    {
        var choice = new ReferenceChoice(structure, model);
        return choice.ChainOf(0);
    }

    /// <summary>The residues of a chain.</summary>
    public static ChosenResidues Choose(Structure structure, int model, string chain) => new ReferenceChoice(structure, model).Run(chain);

    /// <summary>The chain id as the reference sees it: in PDB files the one column that the format gives it.</summary>
    public static string ChainColumn(Structure structure, string authId) =>
        structure.Format == StructureFormat.Pdb && authId.Length == 2 ? authId[1..].Trim() : authId;

    /// <summary>
    /// The atoms of the model in file order. The reference knows MODEL records alone: frames that only ENDMDL or END parts from a model are part of it.
    /// </summary>
    private void ListAtoms(int model)
    {
        var models = new List<int> { model };
        for (int next = model + 1; next < _structure.ModelRecords.Length && !_structure.ModelRecords[next].IsAnnounced; next++)
        {
            models.Add(next);
        }

        int[] residueOfAtom = new int[_structure.AtomCount];
        residueOfAtom.AsSpan().Fill(-1);
        foreach (int part in models)
        {
            ref readonly ModelRecord record = ref _structure.ModelRecords[part];
            for (int chain = record.ChainStart; chain < record.ChainStart + record.ChainCount; chain++)
            {
                ref readonly ChainRecord chainRecord = ref _structure.Chains[chain];
                for (int residue = chainRecord.ResidueStart; residue < chainRecord.ResidueStart + chainRecord.ResidueCount; residue++)
                {
                    residueOfAtom.AsSpan(_structure.Residues[residue].AtomStart, _structure.Residues[residue].AtomCount).Fill(residue);
                }
            }
        }

        for (int i = 0; i < residueOfAtom.Length; i++)
        {
            int atom = _structure.FileOrder is null ? i : _structure.FileOrder[i];
            if (residueOfAtom[atom] >= 0)
            {
                _atoms.Add(atom);
                _residueOfAtom.Add(residueOfAtom[atom]);
            }
        }
    }

    private ChosenResidues Run(string chain)
    {
        var chosen = new ChosenResidues();
        int last = -1;
        for (int start = 0; start < _atoms.Count;)
        {
            int end = start + 1;
            while (end < _atoms.Count && IsSameResidue(start, end))
            {
                end++;
            }

            byte letter = FirstLetter(start, end);
            for (int i = start; i < end; i++)
            {
                ref readonly AtomRecord atom = ref _structure.Atoms[_atoms[i]];
                bool isFirst = atom.AltLoc is 0 or (byte)'.' or (byte)'?' || (letter != 0 && atom.AltLoc == letter);
                if (isFirst && !atom.IsHetero && IsKept(i, chain))
                {
                    AddAtom(chosen, i, last);
                    last = i;
                }
            }

            start = end;
        }

        return chosen;
    }

    private void AddAtom(ChosenResidues chosen, int index, int last)
    {
        if (last < 0 || !IsSameResidue(last, index))
        {
            string name = NameOf(index);
            chosen.Residues.Add(_residueOfAtom[index]);
            chosen.Letters.Append(ComponentTable.Instance.StandardLetter(name) ?? ComponentTable.UnknownLetter);
            chosen.Ends.Add(chosen.Atoms.Count);
        }

        if (Atom37Layout.PlaceOf(_structure.Atoms[_atoms[index]].Name, NameOf(index)) >= 0)
        {
            chosen.Atoms.Add(_atoms[index]);
            chosen.Ends[^1] = chosen.Atoms.Count;
        }
    }

    private bool IsKept(int index, string chain) => ChainOf(index) == chain && ComponentTable.Instance.IsPeptideName(NameOf(index));

    private string ChainOf(int index) => ChainColumn(_structure, _structure.Chains[_structure.Residues[_residueOfAtom[index]].Chain].AuthId);

    private string NameOf(int index)
    {
        string name = _structure.Components[_structure.Residues[_residueOfAtom[index]].Component].Name;
        return _structure.Format == StructureFormat.Pdb && name.Length > 3 ? name[..3] : name;
    }

    private bool IsSameResidue(int first, int second)
    {
        int a = _residueOfAtom[first];
        int b = _residueOfAtom[second];
        return a == b
            || (_structure.Residues[a].Number == _structure.Residues[b].Number && _structure.Residues[a].InsertionCode == _structure.Residues[b].InsertionCode
                && _structure.Residues[a].Component == _structure.Residues[b].Component && ChainOf(first) == ChainOf(second));
    }

    // A digit is no letter, so atoms marked with digits alone are lost.
    private byte FirstLetter(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            byte altLoc = _structure.Atoms[_atoms[i]].AltLoc;
            if (char.IsLetter((char)altLoc))
            {
                return altLoc;
            }
        }

        return 0;
    }
}

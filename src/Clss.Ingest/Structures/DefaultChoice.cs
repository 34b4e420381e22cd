namespace Clss.Ingest.Structures;

/// <summary>Chooses residues and atoms of one chain as a structural biologist expects (<see cref="StructurePolicy.Default"/>).</summary>
internal sealed class DefaultChoice
{
    private const float MaxPeptideBond = 2.0f;

    // Neighbouring alpha carbons are 3.8 Å apart, 2.9 Å across a cis bond.
    private const float MaxAlphaCarbonStep = 4.5f;

    // The network takes no coordinate from here on for one.
    private const float MaxCoordinate = 1e6f;

    private readonly Structure _structure;
    private readonly int _chain;

    private DefaultChoice(Structure structure, int chain)
    {
        _structure = structure;
        _chain = chain;
    }

    public static ChosenResidues Choose(Structure structure, int chain) => new DefaultChoice(structure, chain).Run();

    private ChosenResidues Run()
    {
        var chosen = new ChosenResidues();
        foreach (int residue in WithoutAlternates(FindAminoAcids()))
        {
            AddResidue(chosen, residue);
        }

        // One residue of no known kind is a ligand that looks like one.
        return chosen.Count == 1 && chosen.Letters[0] == ComponentTable.UnknownLetter ? new ChosenResidues() : chosen;
    }

    private List<int> FindAminoAcids()
    {
        ref readonly ChainRecord chain = ref _structure.Chains[_chain];
        var candidates = new List<int>(chain.ResidueCount);
        for (int i = chain.ResidueStart; i < chain.ResidueStart + chain.ResidueCount; i++)
        {
            if (MayBeAminoAcid(_structure.Residues[i]))
            {
                candidates.Add(i);
            }
        }

        var residues = new List<int>(candidates.Count);
        for (int i = 0; i < candidates.Count; i++)
        {
            if (IsInPolymer(candidates, i))
            {
                residues.Add(candidates[i]);
            }
        }

        return residues;
    }

    private bool MayBeAminoAcid(in ResidueRecord residue)
    {
        Component component = _structure.Components[residue.Component];
        bool isHetero = _structure.Atoms[residue.AtomStart].IsHetero;
        return component.Kind switch
        {
            ComponentKind.AminoAcid => (!isHetero && component.Letter != ComponentTable.UnknownLetter) || StructureAtoms.Find(_structure, residue, StructureAtoms.CA) >= 0,
            ComponentKind.Unknown => StructureAtoms.Find(_structure, residue, StructureAtoms.N) >= 0
                && StructureAtoms.Find(_structure, residue, StructureAtoms.CA) >= 0
                && StructureAtoms.Find(_structure, residue, StructureAtoms.C) >= 0,
            _ => false,
        };
    }

    /// <summary>
    /// ATOM records are; HETATM records when the file says so, by numbering them in the sequence or by listing their kind as modified residue, or when the residue is
    /// bonded to a neighbour: a free amino acid is a ligand.
    /// </summary>
    private bool IsInPolymer(List<int> candidates, int index)
    {
        ref readonly ResidueRecord residue = ref _structure.Residues[candidates[index]];
        if (!_structure.Atoms[residue.AtomStart].IsHetero || residue.LabelNumber != ResidueRecord.NoLabelNumber)
        {
            return true;
        }

        bool mayBe = _structure.LabelTypes[residue.LabelId] is null or EntityType.Protein;
        return mayBe && (_structure.Components[residue.Component].IsStatedModification || IsBondedToNeighbour(candidates, index));
    }

    private bool IsBondedToNeighbour(List<int> candidates, int index) =>
        (index > 0 && AreBonded(_structure.Residues[candidates[index - 1]], _structure.Residues[candidates[index]]))
        || (index + 1 < candidates.Count && AreBonded(_structure.Residues[candidates[index]], _structure.Residues[candidates[index + 1]]));

    private bool AreBonded(in ResidueRecord first, in ResidueRecord second)
    {
        int c = StructureAtoms.Find(_structure, first, StructureAtoms.C);
        int n = StructureAtoms.Find(_structure, second, StructureAtoms.N);
        return c >= 0 && n >= 0
            ? StructureAtoms.Distance(_structure, c, n) <= MaxPeptideBond
            : StructureAtoms.Distance(_structure, StructureAtoms.Find(_structure, first, StructureAtoms.CA), StructureAtoms.Find(_structure, second, StructureAtoms.CA)) <= MaxAlphaCarbonStep;
    }

    /// <summary>
    /// Of residues of one number, some of whose atoms have a letter, the best occupied is kept, in the place of the first: different kinds of residue at one position,
    /// or conformers written one after the other. Without letters equal numbers are different residues that are numbered badly.
    /// </summary>
    private List<int> WithoutAlternates(List<int> residues)
    {
        if (!residues.Exists(residue => IsAlternate(_structure.Residues[residue])))
        {
            return residues;
        }

        var kept = new List<int>(residues.Count);
        var placeOfNumber = new Dictionary<ResidueNumber, int>();
        foreach (int residue in residues)
        {
            ref readonly ResidueRecord record = ref _structure.Residues[residue];
            var number = new ResidueNumber(record.Number, record.InsertionCode);
            if (placeOfNumber.TryGetValue(number, out int place) && (IsAlternate(record) || IsAlternate(_structure.Residues[kept[place]])))
            {
                kept[place] = OccupancyOf(record) > OccupancyOf(_structure.Residues[kept[place]]) ? residue : kept[place];
            }
            else
            {
                placeOfNumber[number] = kept.Count;
                kept.Add(residue);
            }
        }

        return kept;
    }

    private bool IsAlternate(in ResidueRecord residue)
    {
        foreach (ref readonly AtomRecord atom in _structure.Atoms.AsSpan(residue.AtomStart, residue.AtomCount))
        {
            if (atom.AltLoc != 0)
            {
                return true;
            }
        }

        return false;
    }

    private float OccupancyOf(in ResidueRecord residue)
    {
        int alphaCarbon = StructureAtoms.Find(_structure, residue, StructureAtoms.CA);
        return alphaCarbon >= 0 ? _structure.Atoms[alphaCarbon].Occupancy : float.NegativeInfinity;
    }

    private void AddResidue(ChosenResidues chosen, int index)
    {
        ref readonly ResidueRecord residue = ref _structure.Residues[index];
        Component component = _structure.Components[residue.Component];
        byte conformer = ChooseConformer(residue);
        Span<int> atomOfPlace = stackalloc int[Atom37Layout.Count];
        atomOfPlace.Fill(-1);
        for (int atom = residue.AtomStart; atom < residue.AtomStart + residue.AtomCount; atom++)
        {
            int place = Atom37Layout.PlaceOf(_structure.Atoms[atom].Name, component.Name);
            if (place >= 0 && IsUsable(_structure.Atoms[atom]) && (atomOfPlace[place] < 0 || IsBetter(atom, atomOfPlace[place], conformer)))
            {
                atomOfPlace[place] = atom;
            }
        }

        foreach (int atom in atomOfPlace)
        {
            if (atom >= 0)
            {
                chosen.Atoms.Add(atom);
            }
        }

        chosen.Ends.Add(chosen.Atoms.Count);
        chosen.Residues.Add(index);
        chosen.Letters.Append(component.Letter);
    }

    private static bool IsUsable(in AtomRecord atom) =>
        MathF.Abs(atom.X) < MaxCoordinate && MathF.Abs(atom.Y) < MaxCoordinate && MathF.Abs(atom.Z) < MaxCoordinate;

    /// <summary>The letter whose atoms are occupied best on average; the first of equals; 0 when there are no alternates.</summary>
    private byte ChooseConformer(in ResidueRecord residue)
    {
        ReadOnlySpan<AtomRecord> atoms = _structure.Atoms.AsSpan(residue.AtomStart, residue.AtomCount);
        byte best = 0;
        double bestMean = double.NegativeInfinity;
        Span<bool> seen = stackalloc bool[256];
        foreach (ref readonly AtomRecord atom in atoms)
        {
            if (atom.AltLoc == 0 || seen[atom.AltLoc])
            {
                continue;
            }

            seen[atom.AltLoc] = true;
            double sum = 0;
            int count = 0;
            foreach (ref readonly AtomRecord other in atoms)
            {
                if (other.AltLoc == atom.AltLoc)
                {
                    sum += other.Occupancy;
                    count++;
                }
            }

            // Far below the two decimals that occupancies have.
            const double tie = 1e-4;
            if ((sum / count) > bestMean + tie)
            {
                bestMean = sum / count;
                best = atom.AltLoc;
            }
        }

        return best;
    }

    /// <summary>The chosen conformer before atoms without a letter before the best occupied of the others; the first of equals.</summary>
    private bool IsBetter(int atom, int held, byte conformer)
    {
        ref readonly AtomRecord a = ref _structure.Atoms[atom];
        ref readonly AtomRecord b = ref _structure.Atoms[held];
        int rank = Rank(a, conformer);
        int heldRank = Rank(b, conformer);
        return rank != heldRank ? rank < heldRank : rank == 2 && a.Occupancy > b.Occupancy;
    }

    private static int Rank(in AtomRecord atom, byte conformer) => atom.AltLoc == conformer ? 0 : atom.AltLoc == 0 ? 1 : 2;
}

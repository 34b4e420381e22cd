namespace Clss.Ingest.Structures;

/// <summary>Tells what a chain consists of.</summary>
internal static class ChainTypes
{
    /// <summary>The type the file states for the polymer of the chain, else that of most of its residues, water left aside.</summary>
    public static EntityType TypeOf(Structure structure, int chain)
    {
        Span<int> counts = stackalloc int[Enum.GetValues<ComponentKind>().Length];
        EntityType? stated = null;
        foreach (ref readonly ResidueRecord residue in ResiduesOf(structure, chain))
        {
            counts[(int)structure.Components[residue.Component].Kind]++;
            if (structure.LabelTypes[residue.LabelId] is EntityType.Protein or EntityType.NucleicAcid)
            {
                stated ??= structure.LabelTypes[residue.LabelId];
            }
        }

        int amino = counts[(int)ComponentKind.AminoAcid];
        int nucleic = counts[(int)ComponentKind.Nucleotide];
        int sugar = counts[(int)ComponentKind.Sugar];
        int unknown = counts[(int)ComponentKind.Unknown];
        return stated
            ?? (amino > 0 && amino >= nucleic ? EntityType.Protein
                : nucleic > 0 ? EntityType.NucleicAcid
                : sugar > 0 && sugar >= unknown ? EntityType.Carbohydrate
                : unknown == 0 && counts[(int)ComponentKind.Water] > 0 ? EntityType.Water
                : EntityType.Other);
    }

    /// <summary>The index of the label id of the polymer, else of the first residue.</summary>
    public static int LabelIdOf(Structure structure, int chain)
    {
        ReadOnlySpan<ResidueRecord> residues = ResiduesOf(structure, chain);
        foreach (ref readonly ResidueRecord residue in residues)
        {
            if (residue.LabelNumber != ResidueRecord.NoLabelNumber)
            {
                return residue.LabelId;
            }
        }

        return residues[0].LabelId;
    }

    public static ReadOnlySpan<ResidueRecord> ResiduesOf(Structure structure, int chain) =>
        structure.Residues.AsSpan(structure.Chains[chain].ResidueStart, structure.Chains[chain].ResidueCount);
}

namespace Clss.Ingest.Structures;

/// <summary>Finds the residues of a range in a chain.</summary>
internal static class RangeFinder
{
    /// <summary>The first residueIndex in the range, and the one behind the last; equal when there is none.</summary>
    public static (int Start, int End) Find(Structure structure, ChosenResidues chain, ResidueRange range, ResidueNumbering numbering)
    {
        if (range.Start is not { } start || range.End is not { } end)
        {
            return (0, chain.Count);
        }

        return numbering switch
        {
            ResidueNumbering.Position => (Math.Clamp(start.Number - 1, 0, chain.Count), Math.Clamp(end.Number, 0, chain.Count)),
            ResidueNumbering.Label => FindByLabel(structure, chain, start.Number, end.Number),
            _ => FindByAuthor(structure, chain, start, end),
        };
    }

    /// <summary>The first and the last number of a chain, for messages.</summary>
    public static string Describe(Structure structure, ChosenResidues chain, ResidueNumbering numbering)
    {
        if (chain.Count == 0)
        {
            return "none";
        }

        ref readonly ResidueRecord first = ref structure.Residues[chain.Residues[0]];
        ref readonly ResidueRecord last = ref structure.Residues[chain.Residues[^1]];
        return numbering switch
        {
            ResidueNumbering.Position => $"1 to {chain.Count}",
            ResidueNumbering.Label => first.LabelNumber == ResidueRecord.NoLabelNumber ? "no label numbers" : $"{first.LabelNumber} to {last.LabelNumber}",
            _ => $"{new ResidueNumber(first.Number, first.InsertionCode)} to {new ResidueNumber(last.Number, last.InsertionCode)}",
        };
    }

    private static (int Start, int End) FindByLabel(Structure structure, ChosenResidues chain, int start, int end)
    {
        int first = -1;
        int last = -1;
        for (int i = 0; i < chain.Count; i++)
        {
            int number = structure.Residues[chain.Residues[i]].LabelNumber;
            if (number != ResidueRecord.NoLabelNumber && number >= start && number <= end)
            {
                first = first < 0 ? i : first;
                last = i;
            }
        }

        return first < 0 ? (0, 0) : (first, last + 1);
    }

    /// <summary>
    /// Author numbers are names: the range runs from the residue of the first name to that of the last, in chain order. An end that is not in the file (a gap) is
    /// put at the nearest number inside the range, among residues with the same insertion code where there are any.
    /// </summary>
    private static (int Start, int End) FindByAuthor(Structure structure, ChosenResidues chain, ResidueNumber start, ResidueNumber end)
    {
        int first = FirstIndex(structure, chain, start);
        int last = LastIndex(structure, chain, end, Math.Max(0, first));
        return first < 0 || last < first ? (0, 0) : (first, last + 1);
    }

    private static int FirstIndex(Structure structure, ChosenResidues chain, ResidueNumber start)
    {
        int withCode = -1;
        int withoutCode = -1;
        for (int i = 0; i < chain.Count; i++)
        {
            ref readonly ResidueRecord residue = ref structure.Residues[chain.Residues[i]];
            if (residue.Number == start.Number && residue.InsertionCode == start.InsertionCode)
            {
                return i;
            }

            if (residue.Number >= start.Number)
            {
                withoutCode = withoutCode < 0 ? i : withoutCode;
                withCode = withCode < 0 && residue.InsertionCode == start.InsertionCode ? i : withCode;
            }
        }

        return withCode >= 0 ? withCode : withoutCode;
    }

    private static int LastIndex(Structure structure, ChosenResidues chain, ResidueNumber end, int from)
    {
        int exact = -1;
        int withCode = -1;
        int withoutCode = -1;
        for (int i = from; i < chain.Count; i++)
        {
            ref readonly ResidueRecord residue = ref structure.Residues[chain.Residues[i]];
            bool sameCode = residue.InsertionCode == end.InsertionCode;
            if (residue.Number == end.Number && sameCode)
            {
                exact = exact < 0 ? i : exact;
            }

            if (residue.Number <= end.Number)
            {
                withoutCode = i;
                withCode = sameCode ? i : withCode;
            }
        }

        return exact >= 0 ? exact : withCode >= 0 ? withCode : withoutCode;
    }
}

using System.Text;

namespace Clss.Ingest.Structures;

/// <summary>The residues of one chain that a policy keeps, and of each the atoms that have a place among the 37.</summary>
internal sealed class ChosenResidues
{
    /// <summary>Indices of the residues in the structure.</summary>
    public List<int> Residues { get; } = [];

    /// <summary>Indices of the kept atoms in the structure, residue after residue. Of several in one place the last holds.</summary>
    public List<int> Atoms { get; } = [];

    /// <summary>For each residue where its atoms end in <see cref="Atoms"/>.</summary>
    public List<int> Ends { get; } = [];

    /// <summary>One-letter codes.</summary>
    public StringBuilder Letters { get; } = new();

    public int Count => Residues.Count;

    /// <summary>Adds one residue of another list.</summary>
    public void AddFrom(ChosenResidues other, int index)
    {
        int start = index == 0 ? 0 : other.Ends[index - 1];
        Atoms.AddRange(other.Atoms.GetRange(start, other.Ends[index] - start));
        Ends.Add(Atoms.Count);
        Residues.Add(other.Residues[index]);
        Letters.Append(other.Letters[index]);
    }
}

namespace Clss.Ingest.Structures;

/// <summary>The atoms that decide what a residue is.</summary>
internal static class StructureAtoms
{
    public static readonly AtomName N = new("N"u8);
    public static readonly AtomName CA = new("CA"u8);
    public static readonly AtomName C = new("C"u8);
    public static readonly AtomName ND1 = new("ND1"u8);

    // "CA" as an element: a calcium ion's only atom has the name of the alpha carbon.
    private static readonly ushort Calcium = StructureText.PackElement("CA"u8);

    /// <summary>The first atom of a name in a residue; -1 when there is none.</summary>
    public static int Find(Structure structure, in ResidueRecord residue, AtomName name)
    {
        ReadOnlySpan<AtomRecord> atoms = structure.Atoms.AsSpan(residue.AtomStart, residue.AtomCount);
        for (int i = 0; i < atoms.Length; i++)
        {
            if (atoms[i].Name == name && (name != CA || atoms[i].Element != Calcium))
            {
                return residue.AtomStart + i;
            }
        }

        return -1;
    }

    /// <summary>The distance of two atoms in Å; infinite when one is absent.</summary>
    public static float Distance(Structure structure, int atom, int other)
    {
        if (atom < 0 || other < 0)
        {
            return float.PositiveInfinity;
        }

        ref readonly AtomRecord a = ref structure.Atoms[atom];
        ref readonly AtomRecord b = ref structure.Atoms[other];
        float distance = MathF.Sqrt(((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)) + ((a.Z - b.Z) * (a.Z - b.Z)));
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }
}

namespace Clss.Embedder.Inputs;

/// <summary>
/// The coordinates of one chain or domain as the structure network reads it: N, CA and C of every residue in Å, in chain order, NaN where absent,
/// and for each residue whether any of its atoms has coordinates. Numbering and gaps have no effect on the network and are not kept.
/// </summary>
public sealed class Backbone
{
    /// <summary>Atoms kept per residue: N, CA and C, in this order.</summary>
    public const int AtomsPerResidue = 3;

    /// <summary>Atoms per residue of the all-atom layout of AlphaFold and ESM, which begins with N, CA, C.</summary>
    public const int Atom37 = 37;

    private const int Axes = 3;

    private readonly float[] _coordinates;
    private readonly bool[] _hasAnyAtom;

    private Backbone(float[] coordinates, bool[] hasAnyAtom)
    {
        _coordinates = coordinates;
        _hasAnyAtom = hasAnyAtom;
    }

    /// <summary>Number of residues L.</summary>
    public int Length => _hasAnyAtom.Length;

    /// <summary>Coordinates in Å, [L, 3, 3]: residue; N, CA, C; x, y, z. NaN marks an absent atom.</summary>
    public ReadOnlyMemory<float> Coordinates => _coordinates;

    /// <summary>For each residue whether any of its atoms, side chain included, has finite coordinates, [L].</summary>
    public ReadOnlyMemory<bool> HasAnyAtom => _hasAnyAtom;

    /// <summary>Makes a backbone of N, CA and C alone.</summary>
    /// <param name="coordinates">In Å, [L, 3, 3]; copied.</param>
    /// <param name="hasAnyAtom">Whether any atom of the residue has coordinates, [L]; empty to tell it from N, CA and C.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public static Backbone FromNCaC(ReadOnlySpan<float> coordinates, ReadOnlySpan<bool> hasAnyAtom = default)
    {
        const int stride = AtomsPerResidue * Axes;
        int length = CountResidues(coordinates.Length, stride);
        if (!hasAnyAtom.IsEmpty && hasAnyAtom.Length != length)
        {
            throw new ArgumentException($"{hasAnyAtom.Length} flags for {length} residues.", nameof(hasAnyAtom));
        }

        bool[] flags = hasAnyAtom.IsEmpty ? FindAnyAtom(coordinates, length, stride) : hasAnyAtom.ToArray();
        return new Backbone(coordinates.ToArray(), flags);
    }

    /// <summary>Makes a backbone of all-atom coordinates: N, CA and C are kept, the other atoms only as the flag.</summary>
    /// <param name="coordinates">In Å, [L, 37, 3], atoms in AlphaFold's order; NaN marks an absent atom.</param>
    /// <exception cref="ArgumentException">The length is no multiple of 111.</exception>
    public static Backbone FromAtom37(ReadOnlySpan<float> coordinates)
    {
        const int stride = Atom37 * Axes;
        const int kept = AtomsPerResidue * Axes;
        int length = CountResidues(coordinates.Length, stride);
        float[] backbone = new float[length * kept];
        for (int i = 0; i < length; i++)
        {
            coordinates.Slice(i * stride, kept).CopyTo(backbone.AsSpan(i * kept));
        }

        return new Backbone(backbone, FindAnyAtom(coordinates, length, stride));
    }

    private static int CountResidues(int values, int stride) => values % stride == 0
        ? values / stride
        : throw new ArgumentException($"{values} values are no whole number of residues of {stride} values each.");

    private static bool[] FindAnyAtom(ReadOnlySpan<float> coordinates, int length, int stride)
    {
        bool[] flags = new bool[length];
        for (int i = 0; i < length; i++)
        {
            ReadOnlySpan<float> residue = coordinates.Slice(i * stride, stride);
            for (int atom = 0; atom < stride && !flags[i]; atom += Axes)
            {
                flags[i] = float.IsFinite(residue[atom]) && float.IsFinite(residue[atom + 1]) && float.IsFinite(residue[atom + 2]);
            }
        }

        return flags;
    }
}

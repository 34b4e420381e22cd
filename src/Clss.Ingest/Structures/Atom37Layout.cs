using System.Collections.Frozen;

namespace Clss.Ingest.Structures;

/// <summary>The all-atom layout of AlphaFold and ESM: 37 places for the heavy atoms of the twenty residues, the backbone first.</summary>
/// <remarks>J. Jumper et al., Nature 596 (2021) 583, supplement; the order is that of <c>residue_constants.atom_types</c>.</remarks>
public static class Atom37Layout
{
    /// <summary>Number of places.</summary>
    public const int Count = 37;

    /// <summary>Place of N.</summary>
    public const int N = 0;

    /// <summary>Place of CA.</summary>
    public const int CA = 1;

    /// <summary>Place of C.</summary>
    public const int C = 2;

    private const int Absent = -1;

    private static readonly string[] Names =
    [
        "N", "CA", "C", "CB", "O", "CG", "CG1", "CG2", "OG", "OG1", "SG", "CD", "CD1", "CD2", "ND1", "ND2", "OD1", "OD2", "SD",
        "CE", "CE1", "CE2", "CE3", "NE", "NE1", "NE2", "OE1", "OE2", "CH2", "NH1", "NH2", "OH", "CZ", "CZ2", "CZ3", "NZ", "OXT",
    ];

    private static readonly FrozenDictionary<AtomName, int> Places =
        Names.Select((name, place) => KeyValuePair.Create(new AtomName(name), place)).ToFrozenDictionary();

    private static readonly AtomName Selenium = new("SE");

    /// <summary>The atom names in order.</summary>
    public static IReadOnlyList<string> AtomNames => Names;

    /// <summary>The place of an atom; -1 when it has none. The selenium of selenomethionine takes the place of the sulphur SD.</summary>
    public static int PlaceOf(AtomName atom, string residueName) =>
        Places.TryGetValue(atom, out int place) ? place
        : atom == Selenium && string.Equals(residueName, "MSE", StringComparison.OrdinalIgnoreCase) ? 18
        : Absent;
}

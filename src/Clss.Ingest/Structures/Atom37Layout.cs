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
    private const int SulphurPlace = 18;

    private static readonly string[] Names =
    [
        "N", "CA", "C", "CB", "O", "CG", "CG1", "CG2", "OG", "OG1", "SG", "CD", "CD1", "CD2", "ND1", "ND2", "OD1", "OD2", "SD",
        "CE", "CE1", "CE2", "CE3", "NE", "NE1", "NE2", "OE1", "OE2", "CH2", "NH1", "NH2", "OH", "CZ", "CZ2", "CZ3", "NZ", "OXT",
    ];

    // Names are hashed to 256 slots by a multiplier under which no two of them meet.
    private const int SlotBits = 8;

    private static readonly ulong Multiplier = FindMultiplier();
    private static readonly (ulong Name, int Place)[] Slots = FillSlots();

    private static readonly AtomName Selenium = new("SE");

    /// <summary>The atom names in order.</summary>
    public static IReadOnlyList<string> AtomNames => Names;

    /// <summary>The place of an atom; -1 when it has none. The selenium of selenomethionine takes the place of the sulphur SD.</summary>
    public static int PlaceOf(AtomName atom, string residueName)
    {
        (ulong name, int place) = Slots[SlotOf(atom.Packed, Multiplier)];
        return name == atom.Packed ? place
            : atom == Selenium && string.Equals(residueName, "MSE", StringComparison.OrdinalIgnoreCase) ? SulphurPlace
            : Absent;
    }

    private static int SlotOf(ulong name, ulong multiplier) => (int)((name * multiplier) >> (64 - SlotBits));

    private static ulong FindMultiplier()
    {
        // 2^64 divided by the golden ratio, D. E. Knuth's multiplier (TAOCP 6.4), and its odd multiples.
        for (ulong multiplier = 0x9E3779B97F4A7C15; ; multiplier += 0x3C6EF372FE94F82A)
        {
            if (Names.Select(name => SlotOf(new AtomName(name).Packed, multiplier)).Distinct().Count() == Count)
            {
                return multiplier;
            }
        }
    }

    private static (ulong Name, int Place)[] FillSlots()
    {
        var slots = new (ulong Name, int Place)[1 << SlotBits];
        Array.Fill(slots, (0UL, Absent));
        for (int place = 0; place < Names.Length; place++)
        {
            ulong packed = new AtomName(Names[place]).Packed;
            slots[SlotOf(packed, Multiplier)] = (packed, place);
        }

        return slots;
    }
}

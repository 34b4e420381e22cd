using System.Collections.Frozen;
using System.Reflection;

namespace Clss.Ingest.Structures;

/// <summary>What residue names mean. Data/NOTICE.txt says where the two lists come from.</summary>
internal sealed class ComponentTable
{
    /// <summary>The letter of an amino acid of no known parent.</summary>
    public const char UnknownLetter = 'X';

    private const string StandardNames = "ALA A ARG R ASN N ASP D CYS C GLN Q GLU E GLY G HIS H ILE I LEU L LYS K MET M PHE F PRO P SER S THR T TRP W TYR Y VAL V";

    // Letters that the sequence networks know besides the twenty.
    private const string RareNames = "ASX B GLX Z SEC U PYL O UNK X";

    // Protonation states and disulphides as AMBER, CHARMM, GROMACS and OPLS name them.
    private const string ForceFieldNames =
        "HIS HIE HID HIP HSD HSP HISD HISE HISH HISA HISB CYS CYX CYM CYS2 CYSH ASP ASH ASPH GLU GLH GLUH LYS LYN LYP LYSH TYR TYM ARG ARN GLN GLNH ASN ASNH";

    private const string CapNames = "ACE NME NMA NH2 FOR NHE";
    private const string NucleotideNames = "A C G U T I N DA DC DG DT DU DI DN A3 A5 C3 C5 G3 G5 U3 U5 RA RC RG RU DA3 DA5 DC3 DC5 DG3 DG5 DT3 DT5 ADE CYT GUA THY URA";
    private const string SugarNames = "NAG NDG BMA MAN GAL GLC BGC FUC FUL SIA XYS XYP GLA RAM NGA A2G BDP GCU";
    private const string WaterNames = "HOH DOD WAT H2O TIP TIP3 TIP4 TIP5 SOL SPC SPCE";

    private readonly FrozenSet<string> _peptides;
    private readonly FrozenDictionary<string, Component> _known;

    private ComponentTable()
    {
        _peptides = ReadLines("amino_acid_names.txt").ToFrozenSet(StringComparer.Ordinal);
        var known = new Dictionary<string, Component>(StringComparer.Ordinal);
        AddLetters(known, StandardNames);
        AddLetters(known, RareNames);
        foreach (string line in ReadLines("modified_residues.txt"))
        {
            string[] words = line.Split(' ');
            AddChildren(known, known[words[0]], words.AsSpan(1));
        }

        Component? parent = null;
        foreach (string name in ForceFieldNames.Split(' '))
        {
            if (known.TryGetValue(name, out Component? standard))
            {
                parent = standard;
            }
            else
            {
                AddChildren(known, parent!, [name]);
            }
        }

        AddKind(known, CapNames, ComponentKind.Cap);
        AddKind(known, NucleotideNames, ComponentKind.Nucleotide);
        AddKind(known, SugarNames, ComponentKind.Sugar);
        AddKind(known, WaterNames, ComponentKind.Water);
        _known = known.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public static ComponentTable Instance { get; } = new();

    /// <summary>Whether the dictionary that the original program uses classes the name as a peptide component.</summary>
    public bool IsPeptideName(string name) => _peptides.Contains(name);

    /// <summary>The letter of one of the twenty standard residues; null for all others.</summary>
    public char? StandardLetter(string name) =>
        _known.TryGetValue(name, out Component? known) && known is { Kind: ComponentKind.AminoAcid, Parent: null } && !"BZUOX".Contains(known.Letter, StringComparison.Ordinal)
            ? known.Letter
            : null;

    /// <summary>Puts together what a file states of a name and what is known of it.</summary>
    /// <param name="name">As the file writes it; lower case means the same.</param>
    /// <param name="statedParent">The parent of a modified residue in the file; null when it states none.</param>
    /// <param name="statedType">The <c>_chem_comp.type</c> in the file; null when it states none.</param>
    public Component Describe(string name, string? statedParent, string? statedType)
    {
        string upper = name.ToUpperInvariant();
        Component? known = _known.GetValueOrDefault(upper);
        bool isStandard = known is { Kind: ComponentKind.AminoAcid, Parent: null };
        if (!isStandard && statedParent is not null && _known.TryGetValue(statedParent.ToUpperInvariant(), out Component? parent) && parent is { Kind: ComponentKind.AminoAcid, Parent: null })
        {
            return new Component(name, ComponentKind.AminoAcid, parent.Letter, parent.Name, IsStatedModification: true);
        }

        if (known is not null)
        {
            return known.Name == name ? known : known with { Name = name };
        }

        ComponentKind kind = statedType is null ? ComponentKind.Unknown : KindOfType(statedType.ToUpperInvariant());
        return new Component(name, kind == ComponentKind.Unknown && _peptides.Contains(upper) ? ComponentKind.AminoAcid : kind, UnknownLetter, null);
    }

    // The types of _chem_comp.type in the PDBx/mmCIF dictionary.
    private static ComponentKind KindOfType(string type) =>
        type.Contains("PEPTIDE", StringComparison.Ordinal) && type.Contains("TERMIN", StringComparison.Ordinal) ? ComponentKind.Cap
        : type.Contains("PEPTIDE", StringComparison.Ordinal) ? ComponentKind.AminoAcid
        : type.Contains("DNA", StringComparison.Ordinal) || type.Contains("RNA", StringComparison.Ordinal) ? ComponentKind.Nucleotide
        : type.Contains("SACCHARIDE", StringComparison.Ordinal) ? ComponentKind.Sugar
        : ComponentKind.Unknown;

    private static void AddLetters(Dictionary<string, Component> known, string table)
    {
        string[] words = table.Split(' ');
        for (int i = 0; i < words.Length; i += 2)
        {
            known.Add(words[i], new Component(words[i], ComponentKind.AminoAcid, words[i + 1][0], null));
        }
    }

    private static void AddChildren(Dictionary<string, Component> known, Component parent, ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            known.Add(name, new Component(name, ComponentKind.AminoAcid, parent.Letter, parent.Name));
        }
    }

    private static void AddKind(Dictionary<string, Component> known, string names, ComponentKind kind)
    {
        foreach (string name in names.Split(' '))
        {
            known.Add(name, new Component(name, kind, UnknownLetter, null));
        }
    }

    private static IEnumerable<string> ReadLines(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Clss.Ingest.Structures/" + resource)
            ?? throw new InvalidOperationException($"The resource {resource} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}

using System.Buffers;

namespace Clss.Ingest.Structures;

/// <summary>Takes atoms in file order and groups them: model, author chain id, residue (number, insertion code, name).</summary>
internal sealed class StructureBuilder
{
    private const int FirstCapacity = 1024;

    // More kinds of residue than letters at one position are damage, not heterogeneity.
    private const int MaxHeterogeneity = 26;

    private readonly InternTable _components = new();
    private readonly InternTable _labelIds = new();
    private readonly List<ChainRecord> _chains = [];
    private readonly List<ModelRecord> _models = [];
    private readonly List<Dictionary<string, int>> _chainsOfModel = [];
    private readonly Dictionary<int, int> _modelOfNumber = [];
    private Dictionary<string, int> _chainOfId = [];
    private AtomRecord[] _atoms = [];
    private ResidueRecord[] _residues = [];
    private int _atomCount;
    private int _residueCount;
    private int _model = -1;
    private int _chain = -1;
    private int _residue = -1;
    private bool _chainBroken;

    // The residue of every atom, once an atom came to a residue that was left before; then atoms must be sorted.
    private List<int>? _residueOfAtom;

    public StructureBuilder(string name, string source, StructureFormat format)
    {
        Name = name;
        Source = source;
        Format = format;
    }

    public string Name { get; }

    public string Source { get; }

    public StructureFormat Format { get; }

    public string Id { get; set; } = "";

    public string Title { get; set; } = "";

    public string Organism { get; set; } = "";

    public int? TaxonomyId { get; set; }

    public string UniProtAccession { get; set; } = "";

    public bool IsPredicted { get; set; }

    public List<string> Notes { get; } = [];

    /// <summary>Component name to parent, as the file says.</summary>
    public Dictionary<string, string> Parents { get; } = new(StringComparer.Ordinal);

    /// <summary>Component name to its <c>_chem_comp.type</c>, as the file says.</summary>
    public Dictionary<string, string> ComponentTypes { get; } = new(StringComparer.Ordinal);

    /// <summary>Label id to the type of its entity, as the file says.</summary>
    public Dictionary<string, EntityType> LabelTypes { get; } = new(StringComparer.Ordinal);

    public int AtomCount => _atomCount;

    public int ModelCount => _models.Count;

    /// <summary>The number of the model that atoms go to; null before the first.</summary>
    public int? ModelNumber => _model < 0 ? null : _models[_model].Number;

    /// <summary>Makes room for atoms whose number is known.</summary>
    public void Reserve(int atoms)
    {
        if (atoms > _atoms.Length)
        {
            Grow(ref _atoms, atoms);
        }
    }

    /// <summary>Atoms that follow belong to a new model.</summary>
    public void BeginModel(int number, bool announced)
    {
        _model = _models.Count;
        _models.Add(new ModelRecord { Number = number, IsAnnounced = announced });
        _modelOfNumber.TryAdd(number, _model);
        _chainOfId = new Dictionary<string, int>(StringComparer.Ordinal);
        _chainsOfModel.Add(_chainOfId);
        _chain = -1;
        _residue = -1;
        _chainBroken = false;
    }

    /// <summary>Atoms that follow belong to the model of this number, new or not.</summary>
    public void ContinueModel(int number)
    {
        if (!_modelOfNumber.TryGetValue(number, out int known))
        {
            BeginModel(number, announced: true);
            return;
        }

        _model = known;
        _chainOfId = _chainsOfModel[known];
        _chain = -1;
        _residue = -1;
    }

    /// <summary>A chain without an id ends here: more atoms without one are another chain. So TER parts files without chain ids.</summary>
    public void EndNamelessChain()
    {
        if (_chain >= 0 && _chains[_chain].AuthId.Length == 0)
        {
            _chainBroken = true;
        }
    }

    /// <summary>Adds an atom to the current model.</summary>
    public void Add(in AtomSite site)
    {
        if (_model < 0)
        {
            BeginModel(1, announced: false);
        }

        EnterChain(site);
        EnterResidue(site);
        if (_atomCount == _atoms.Length)
        {
            Grow(ref _atoms, Math.Max(FirstCapacity, _atoms.Length * 2));
        }

        _atoms[_atomCount++] = site.Atom;
        _residues[_residue].AtomCount++;
        _residueOfAtom?.Add(_residue);
    }

    /// <summary>Finishes. The builder cannot be used again.</summary>
    public Structure Build()
    {
        int[]? fileOrder = null;
        AtomRecord[] atoms = _residueOfAtom is null ? _atoms[.._atomCount] : SortAtoms(_residueOfAtom, out fileOrder);
        ArrayPool<AtomRecord>.Shared.Return(_atoms);
        _atoms = atoms;
        ChainRecord[] chains = SortChains(out int[] newChain);
        ResidueRecord[] residues = SortResidues(chains, newChain);
        ComponentTable table = ComponentTable.Instance;
        return new Structure(this)
        {
            Atoms = _atoms,
            Residues = residues,
            Chains = chains,
            ModelRecords = [.. _models.Where(model => model.ChainCount > 0)],
            Components = [.. _components.Values.Select((name, index) => table.Describe(name, ParentOf(name, index, residues), ComponentTypes.GetValueOrDefault(name)))],
            LabelIds = [.. _labelIds.Values],
            LabelTypes = [.. _labelIds.Values.Select(id => LabelTypes.TryGetValue(id, out EntityType type) ? type : (EntityType?)null)],
            FileOrder = fileOrder,
        };
    }

    // Rented while their number is not known: the arrays that stay are made once, in their size.
    private static void Grow<T>(ref T[] array, int capacity)
        where T : struct
    {
        T[] larger = ArrayPool<T>.Shared.Rent(capacity);
        array.CopyTo(larger, 0);
        if (array.Length > 0)
        {
            ArrayPool<T>.Shared.Return(array);
        }

        array = larger;
    }

    // HSE is homoserine in the chemical dictionary and a histidine in CHARMM: the ring tells.
    private string? ParentOf(string name, int component, ResidueRecord[] residues)
    {
        if (Parents.TryGetValue(name, out string? parent) || name != "HSE")
        {
            return parent;
        }

        ResidueRecord residue = Array.Find(residues, residue => residue.Component == component);
        return Array.Exists(_atoms[residue.AtomStart..(residue.AtomStart + residue.AtomCount)], atom => atom.Name == StructureAtoms.ND1) ? "HIS" : "SER";
    }

    private void EnterChain(in AtomSite site)
    {
        if (_chain >= 0 && !_chainBroken && Equal(site.AuthId, _chains[_chain].AuthId))
        {
            return;
        }

        string id = System.Text.Encoding.Latin1.GetString(site.AuthId);
        if (!_chainOfId.TryGetValue(id, out int chain) || (_chainBroken && id.Length == 0))
        {
            chain = _chains.Count;
            _chains.Add(new ChainRecord { AuthId = id, Model = _model });
            _chainOfId[id] = chain;
        }

        _chainBroken = false;
        _chain = chain;
        _residue = -1;
    }

    private static bool Equal(ReadOnlySpan<byte> bytes, string text)
    {
        if (bytes.Length != text.Length)
        {
            return false;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != text[i])
            {
                return false;
            }
        }

        return true;
    }

    private void EnterResidue(in AtomSite site)
    {
        int component = _components.Intern(site.Component);
        int labelId = _labelIds.Intern(site.LabelId);
        if (_residue >= 0)
        {
            if (IsResidue(_residues[_residue], site, component, labelId))
            {
                return;
            }

            if (site.Atom.AltLoc != 0 && FindHeterogeneous(site, component, labelId) is int earlier and >= 0)
            {
                _residueOfAtom ??= ListResidues();
                _residue = earlier;
                return;
            }
        }

        if (_residueCount == _residues.Length)
        {
            Grow(ref _residues, Math.Max(FirstCapacity / 8, _residues.Length * 2));
        }

        _residue = _residueCount++;
        _residues[_residue] = new ResidueRecord
        {
            AtomStart = _atomCount,
            Component = component,
            LabelId = labelId,
            Number = site.Number,
            LabelNumber = site.LabelNumber,
            InsertionCode = site.InsertionCode,
            Chain = _chain,
        };
    }

    private static bool IsResidue(in ResidueRecord residue, in AtomSite site, int component, int labelId) =>
        residue.Number == site.Number && residue.Component == component && residue.InsertionCode == site.InsertionCode
        && residue.LabelNumber == site.LabelNumber && residue.LabelId == labelId;

    // Two kinds of residue at one position are often written atom by atom in turn (PDB 1EJG).
    private int FindHeterogeneous(in AtomSite site, int component, int labelId)
    {
        int stop = Math.Max(0, _residueCount - MaxHeterogeneity);
        for (int i = _residueCount - 1; i >= stop && _residues[i].Chain == _chain && _residues[i].Number == site.Number && _residues[i].InsertionCode == site.InsertionCode; i--)
        {
            if (IsResidue(_residues[i], site, component, labelId))
            {
                return i;
            }
        }

        return -1;
    }

    private List<int> ListResidues()
    {
        var residueOfAtom = new List<int>(_atoms.Length);
        for (int residue = 0; residue < _residueCount; residue++)
        {
            for (int i = 0; i < _residues[residue].AtomCount; i++)
            {
                residueOfAtom.Add(residue);
            }
        }

        return residueOfAtom;
    }

    /// <summary>Puts the atoms of each residue together, keeping their order, and notes where each atom of the file went.</summary>
    private AtomRecord[] SortAtoms(List<int> residueOfAtom, out int[] fileOrder)
    {
        int[] next = new int[_residueCount];
        int start = 0;
        for (int residue = 0; residue < _residueCount; residue++)
        {
            next[residue] = start;
            _residues[residue].AtomStart = start;
            start += _residues[residue].AtomCount;
        }

        fileOrder = new int[_atomCount];
        var sorted = new AtomRecord[_atomCount];
        for (int i = 0; i < _atomCount; i++)
        {
            fileOrder[i] = next[residueOfAtom[i]]++;
            sorted[fileOrder[i]] = _atoms[i];
        }

        return sorted;
    }

    private ChainRecord[] SortChains(out int[] newChain)
    {
        newChain = new int[_chains.Count];
        int[] order = [.. Enumerable.Range(0, _chains.Count).OrderBy(chain => _chains[chain].Model)];
        Span<ModelRecord> models = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_models);
        var sorted = new ChainRecord[order.Length];
        for (int i = order.Length - 1; i >= 0; i--)
        {
            newChain[order[i]] = i;
            sorted[i] = _chains[order[i]];
            models[sorted[i].Model].ChainStart = i;
            models[sorted[i].Model].ChainCount++;
        }

        return sorted;
    }

    private ResidueRecord[] SortResidues(ChainRecord[] chains, int[] newChain)
    {
        for (int i = 0; i < _residueCount; i++)
        {
            _residues[i].Chain = newChain[_residues[i].Chain];
            chains[_residues[i].Chain].ResidueCount++;
        }

        int[] next = new int[chains.Length];
        for (int chain = 1; chain < chains.Length; chain++)
        {
            next[chain] = next[chain - 1] + chains[chain - 1].ResidueCount;
        }

        for (int chain = 0; chain < chains.Length; chain++)
        {
            chains[chain].ResidueStart = next[chain];
        }

        var sorted = new ResidueRecord[_residueCount];
        for (int i = 0; i < _residueCount; i++)
        {
            sorted[next[_residues[i].Chain]++] = _residues[i];
        }

        ArrayPool<ResidueRecord>.Shared.Return(_residues);
        _residues = [];
        return sorted;
    }
}

namespace Clss.Ingest.Structures;

/// <summary>One call of <see cref="BackboneExtractor"/>.</summary>
internal sealed class ExtractionRun
{
    private const int MaxListedChains = 20;

    private readonly Structure _structure;
    private readonly StructureSelection _selection;
    private readonly StructurePolicy _policy;
    private readonly List<ExtractedChain> _proteins = [];
    private int _model;

    // For each author id the place of each of its chains among them, by the chain's index.
    private Dictionary<string, Dictionary<int, int>>? _placesOfId;

    public ExtractionRun(Structure structure, StructureSelection selection, StructurePolicy policy)
    {
        _structure = structure;
        _selection = selection;
        _policy = policy;
    }

    public List<ChainBackbone> Taken { get; } = [];

    public List<RejectedRecord> Rejected { get; } = [];

    public void Run()
    {
        if (!FindModel())
        {
            return;
        }

        FindProteins();
        if (_selection.Ranges.Count > 0)
        {
            TakeDomain();
            return;
        }

        foreach (ExtractedChain chain in _proteins)
        {
            Take(KeyOf(chain), chain.AuthId, chain.LabelId, chain.Residues, "");
        }
    }

    private bool FindModel()
    {
        if (_selection.ModelNumber is null)
        {
            // The reference looks for MODEL records: what stands before the first is lost.
            int announced = _policy == StructurePolicy.Reference ? Array.FindIndex(_structure.ModelRecords, model => model.IsAnnounced) : 0;
            _model = Math.Max(0, announced);
            return true;
        }

        _model = Array.FindIndex(_structure.ModelRecords, model => model.Number == _selection.ModelNumber);
        if (_model >= 0)
        {
            return true;
        }

        Reject(_structure.Name, StructureRejectionReasons.NoSuchModel, $"model {_selection.ModelNumber} is selected; the file has {_structure.ModelRecords.Length:N0} models, from {_structure.ModelRecords[0].Number} to {_structure.ModelRecords[^1].Number}.");
        return false;
    }

    private void FindProteins()
    {
        if (_policy == StructurePolicy.Reference)
        {
            FindReferenceProtein();
            return;
        }

        ref readonly ModelRecord model = ref _structure.ModelRecords[_model];
        bool selects = _selection.Ranges.Count > 0;
        for (int chain = model.ChainStart; chain < model.ChainStart + model.ChainCount; chain++)
        {
            ChosenResidues residues = DefaultChoice.Choose(_structure, chain);
            string authId = _structure.Chains[chain].AuthId;
            if (residues.Count > 0)
            {
                _proteins.Add(new ExtractedChain(authId, _structure.LabelIds[ChainTypes.LabelIdOf(_structure, chain)], chain, residues));
            }
            else if (!selects)
            {
                Reject(Suffixed(authId), StructureRejectionReasons.NoProtein, $"chain {Show(authId)} has no amino acids: {Describe(chain)}.");
            }
        }
    }

    private void FindReferenceProtein()
    {
        string[] selected = [.. _selection.Ranges.Select(range => range.Chain).OfType<string>().Distinct().Select(ToReferenceId).OfType<string>()];
        foreach (string id in selected.Length > 0 ? selected : [ReferenceChoice.FirstChain(_structure, _model)])
        {
            ChosenResidues residues = ReferenceChoice.Choose(_structure, _model, id);
            if (residues.Count > 0)
            {
                int chain = _structure.Residues[residues.Residues[0]].Chain;
                _proteins.Add(new ExtractedChain(id, _structure.LabelIds[ChainTypes.LabelIdOf(_structure, chain)], chain, residues));
            }
            else if (selected.Length == 0)
            {
                Reject(Suffixed(id), StructureRejectionReasons.NoProtein, $"chain {Show(id)} of the first atom has no ATOM record of an amino acid (reference policy).");
            }
        }
    }

    /// <summary>A selected chain as the reference names it: by the author's id. Null when there is none of this label id.</summary>
    private string? ToReferenceId(string chain)
    {
        if (_selection.Naming == ChainNaming.Author)
        {
            return ReferenceChoice.ChainColumn(_structure, chain);
        }

        ref readonly ModelRecord model = ref _structure.ModelRecords[_model];
        for (int i = model.ChainStart; i < model.ChainStart + model.ChainCount; i++)
        {
            if (_structure.LabelIds[ChainTypes.LabelIdOf(_structure, i)] == chain)
            {
                return _structure.Chains[i].AuthId;
            }
        }

        return null;
    }

    private void TakeDomain()
    {
        var domain = new ChosenResidues();
        var chains = new List<ExtractedChain>();
        foreach (ResidueRange range in _selection.Ranges)
        {
            if (FindChain(range) is not { } chain)
            {
                return;
            }

            (int start, int end) = RangeFinder.Find(_structure, chain.Residues, range, _selection.Numbering);
            if (start >= end)
            {
                Reject($"{KeyOf(chain)}/{RangeText()}", StructureRejectionReasons.EmptyRange, $"chain {Show(chain.AuthId)} has no residue in {range} ({_selection.Numbering} numbering); it has {chain.Residues.Count:N0}, from {RangeFinder.Describe(_structure, chain.Residues, _selection.Numbering)}.");
                return;
            }

            for (int i = start; i < end; i++)
            {
                domain.AddFrom(chain.Residues, i);
            }

            if (!chains.Contains(chain))
            {
                chains.Add(chain);
            }
        }

        bool whole = _selection.Ranges.Count == 1 && _selection.Ranges[0].Start is null;
        string key = _selection.Key ?? (whole ? KeyOf(chains[0]) : chains.Count == 1 ? $"{KeyOf(chains[0])}/{RangeText()}" : $"{_structure.Name}/{_selection}");
        Take(key, string.Join('+', chains.Select(chain => chain.AuthId)), string.Join('+', chains.Select(chain => chain.LabelId)), domain, whole ? "" : _selection.ToString());
    }

    private ExtractedChain? FindChain(ResidueRange range)
    {
        if (range.Chain is null)
        {
            if (_proteins.Count == 1)
            {
                return _proteins[0];
            }

            Reject(_structure.Name, _proteins.Count == 0 ? StructureRejectionReasons.NoProtein : StructureRejectionReasons.AmbiguousChain,
                _proteins.Count == 0 ? "no chain has amino acids." : $"the range {range} names no chain; the protein chains are {ListChains()}. Write CHAIN/FIRST-LAST.");
            return null;
        }

        ExtractedChain? chain = _selection.Naming == ChainNaming.Author
            ? _proteins.Find(protein => protein.AuthId == range.Chain)
            : _proteins.Find(protein => protein.LabelId.Length > 0 && protein.LabelId == range.Chain);
        if (chain is null)
        {
            Reject(Suffixed(range.Chain), StructureRejectionReasons.NoSuchChain, $"no protein chain has the {(_selection.Naming == ChainNaming.Author ? "author" : "label")} id {Show(range.Chain)}; the protein chains are {ListChains()}.");
        }

        return chain;
    }

    private void Take(string key, string authId, string labelId, ChosenResidues residues, string range)
    {
        var chain = new ChainBackbone(_structure, residues)
        {
            Key = key,
            Policy = _policy,
            ModelNumber = _structure.ModelRecords[_model].Number,
            AuthId = authId,
            LabelId = labelId,
            Range = range,
        };
        if (_policy == StructurePolicy.Default && BackboneCheck.FindFault(chain) is (string reason, string detail))
        {
            Reject(chain.Key, reason, $"chain {Show(authId)}: {detail}");
        }
        else
        {
            Taken.Add(chain);
        }
    }

    private string KeyOf(ExtractedChain chain)
    {
        string key = _proteins.Count == 1 || _policy == StructurePolicy.Reference ? _structure.Name : Suffixed(NameOf(chain));
        return _selection.ModelNumber is { } number && _model > 0 ? $"{key}@{number}" : key;
    }

    // Chains without an id that only TER records part are numbered.
    private string NameOf(ExtractedChain chain)
    {
        _placesOfId ??= _proteins.GroupBy(protein => protein.AuthId, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select((protein, place) => (protein.Index, place)).ToDictionary(), StringComparer.Ordinal);
        Dictionary<int, int> places = _placesOfId[chain.AuthId];
        return places.Count == 1 ? chain.AuthId : $"{chain.AuthId}{1 + places[chain.Index]}";
    }

    private string Suffixed(string chain) => chain.Length == 0 ? _structure.Name : $"{_structure.Name}_{chain}";

    private string RangeText() => string.Join('_', _selection.Ranges.Select(range => (range with { Chain = null }).ToString()));

    private string ListChains() => _proteins.Count == 0 ? "none"
        : string.Join(", ", _proteins.Take(MaxListedChains).Select(chain => Show(_selection.Naming == ChainNaming.Author ? chain.AuthId : chain.LabelId)))
            + (_proteins.Count > MaxListedChains ? $" and {_proteins.Count - MaxListedChains:N0} more" : "");

    private string Describe(int chain)
    {
        int residues = _structure.Chains[chain].ResidueCount;
        string first = _structure.Components[_structure.Residues[_structure.Chains[chain].ResidueStart].Component].Name;
        string what = ChainTypes.TypeOf(_structure, chain) switch
        {
            EntityType.NucleicAcid => "DNA or RNA",
            EntityType.Carbohydrate => "sugar",
            EntityType.Water => "water",
            EntityType.Protein => "protein without usable residues",
            _ => "ligands or unknown residues",
        };
        return $"{what}, {residues:N0} residue{(residues == 1 ? "" : "s")}, the first {first}";
    }

    private static string Show(string chain) => chain.Length == 0 ? "(blank)" : chain;

    private void Reject(string id, string reason, string detail) => Rejected.Add(new RejectedRecord(_structure.Source, 0, id, reason, detail));
}

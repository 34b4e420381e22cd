namespace Clss.Embedder.Hub;

/// <summary>The models that this version knows by name.</summary>
/// <remarks>
/// Sizes and hashes of the published checkpoints are not written here: the hub announces both, and a pinned value
/// would break the day the authors publish a correction. <see cref="ModelCatalogFile.Sha256"/> pins one where that is wanted.
/// </remarks>
public static class ModelCatalog
{
    /// <summary>The name of the model that is part of this library.</summary>
    public const string BuiltInName = "clss-mini";

    /// <summary>The name of the weights of the structure tower.</summary>
    public const string StructureName = "structure";

    private const string ClssRepository = "guyyanai/CLSS";

    private static readonly ModelCatalogEntry[] Entries =
    [
        new()
        {
            Name = BuiltInName,
            Description = "Small built-in model for trying out and testing; not for science.",
            IsBuiltIn = true,
        },
        new()
        {
            Name = "CLSS-sub",
            Description = "The published CLSS model trained with random segments of the sequences (10 residues and more): fragments, domains, scans.",
            Repository = ClssRepository,
            Files = [new() { Path = "CLSS-sub.lckpt" }],
        },
        new()
        {
            Name = "CLSS-full",
            Description = "The published CLSS model trained with whole domain sequences.",
            Repository = ClssRepository,
            Files = [new() { Path = "CLSS-full.lckpt" }],
        },
        new()
        {
            Name = StructureName,
            Description = "ESM3-open (1.4 billion parameters) with its structure encoder: needed to embed structures with CLSS-sub and CLSS-full.",

            // Repository and paths as in esm/pretrained.py and esm/utils/constants/esm3.py. The hub redirects from this name if the
            // makers move the repository.
            Repository = "EvolutionaryScale/esm3-sm-open-v1",
            Files = [new() { Path = $"data/weights/{StructureFiles.Tower}" }, new() { Path = $"data/weights/{StructureFiles.Encoder}" }],
            IsStructureWeights = true,
            Licence = new()
            {
                Name = "Cambrian Non-Commercial License Agreement",
                Text = new Uri("https://www.evolutionaryscale.ai/policies/cambrian-non-commercial-license-agreement"),
                Terms =
                [
                    "For non-commercial use by people at non-commercial organisations: no commercial activity, no payment.",
                    "What the model computes may not be offered to others as a service.",
                    "What you publish with it says \"Built with ESM\", and the titles of derived works contain \"ESM\".",
                    "Whoever passes on copies passes on the licence and every notice, and marks what was changed.",
                ],
            },
        },
    ];

    /// <summary>Every entry, the built-in model first.</summary>
    public static IReadOnlyList<ModelCatalogEntry> All { get; } = Array.AsReadOnly(Entries);

    /// <summary>The entry of a name (upper and lower case are equal), or null.</summary>
    public static ModelCatalogEntry? Find(string name) =>
        Array.Find(Entries, entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The entry of a name.</summary>
    /// <exception cref="HubException">There is none; the message lists the names.</exception>
    public static ModelCatalogEntry Get(string name) =>
        Find(name) ?? throw new HubException(
            HubFailure.UnknownName,
            $"No model is called '{name}'. Known models: {string.Join(", ", Entries.Select(entry => entry.Name))}.");
}

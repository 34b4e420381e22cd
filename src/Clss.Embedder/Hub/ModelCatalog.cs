namespace Clss.Embedder.Hub;

/// <summary>The models that this version knows by name.</summary>
/// <remarks>
/// Sizes and hashes of the published checkpoints are not written here: the hub announces both, and a pinned value
/// would break the day the authors publish a correction. <see cref="ModelCatalogEntry.Sha256"/> pins one where that is wanted.
/// </remarks>
public static class ModelCatalog
{
    /// <summary>The name of the model that is part of this library.</summary>
    public const string BuiltInName = "clss-mini";

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
            File = "CLSS-sub.lckpt",
        },
        new()
        {
            Name = "CLSS-full",
            Description = "The published CLSS model trained with whole domain sequences.",
            Repository = ClssRepository,
            File = "CLSS-full.lckpt",
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

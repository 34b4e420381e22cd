using Clss.Index;

namespace Clss.Ingest.Structures;

/// <summary>The metadata columns that structures fill, besides those of <see cref="DomainSchema"/>.</summary>
public static class StructureSchema
{
    /// <summary>The author's chain id.</summary>
    public const string Chain = "chain";

    /// <summary>The label chain id, when the file has one that differs from the author's.</summary>
    public const string LabelChain = "label_chain";

    /// <summary>The number of the model, when the file has several.</summary>
    public const string Model = "model";

    /// <summary>The selected residues in ECOD's notation; missing for whole chains.</summary>
    public const string ResidueRange = "residue_range";

    /// <summary>The first and the last author number.</summary>
    public const string Residues = "residues";

    /// <summary>The mean pLDDT of a predicted model, 0 to 100.</summary>
    public const string MeanPlddt = "mean_plddt";

    /// <summary>The mean B-factor in Å² of a structure that is not known to be predicted.</summary>
    public const string MeanBFactor = "mean_b_factor";

    /// <summary>Which residues and atoms were kept: <c>default</c> or <c>reference</c>.</summary>
    public const string Policy = "structure_policy";

    /// <summary>Every column, in the order in which they are listed.</summary>
    public static IReadOnlyList<ColumnDefinition> Columns { get; } =
    [
        new(Chain, ColumnType.Text), new(LabelChain, ColumnType.Text), new(Model, ColumnType.Integer), new(ResidueRange, ColumnType.Text), new(Residues, ColumnType.Text),
        new(MeanPlddt, ColumnType.Real), new(MeanBFactor, ColumnType.Real), new(Policy, ColumnType.Text),
    ];

    /// <summary>What is known of a chain, by column name, in a fixed order.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="source">The short name of the file, for <see cref="DomainSchema.Source"/>.</param>
    public static IReadOnlyList<KeyValuePair<string, MetadataValue>> MetadataOf(ChainBackbone chain, string source)
    {
        ArgumentNullException.ThrowIfNull(chain);
        Structure structure = chain.Structure;
        var fields = new List<KeyValuePair<string, MetadataValue>> { new(DomainSchema.Length, MetadataValue.Integer(chain.Length)) };
        AddText(fields, DomainSchema.Description, structure.Title);
        AddText(fields, DomainSchema.Source, source);
        AddText(fields, DomainSchema.Organism, structure.Organism);
        if (structure.TaxonomyId is { } taxonomyId)
        {
            fields.Add(new(DomainSchema.TaxonomyId, MetadataValue.Integer(taxonomyId)));
        }

        AddText(fields, DomainSchema.UniProtAccession, structure.UniProtAccession);
        AddText(fields, DomainSchema.AlphaFoldEntry, structure.Name.StartsWith("AF-", StringComparison.Ordinal) && structure.UniProtAccession.Length > 0 ? structure.Name : "");
        AddText(fields, DomainSchema.Pdb, structure.Id.Length == 4 && !structure.IsPredicted ? structure.Id.ToLowerInvariant() : "");
        AddText(fields, Chain, chain.AuthId);
        AddText(fields, LabelChain, chain.LabelId == chain.AuthId ? "" : chain.LabelId);
        if (structure.ModelRecords.Length > 1)
        {
            fields.Add(new(Model, MetadataValue.Integer(chain.ModelNumber)));
        }

        AddText(fields, ResidueRange, chain.Range);
        AddText(fields, Residues, chain.Length == 0 ? "" : $"{chain.ResidueNumbers[0]}-{chain.ResidueNumbers[^1]}");
        fields.Add(new(structure.IsPredicted ? MeanPlddt : MeanBFactor, MetadataValue.Real(chain.MeanBFactor)));
        AddText(fields, Policy, chain.Policy == StructurePolicy.Reference ? "reference" : "default");
        return fields;
    }

    private static void AddText(List<KeyValuePair<string, MetadataValue>> fields, string name, string value)
    {
        if (value.Length > 0)
        {
            fields.Add(new(name, MetadataValue.Text(value)));
        }
    }
}

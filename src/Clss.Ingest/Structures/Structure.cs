using System.Diagnostics.CodeAnalysis;

namespace Clss.Ingest.Structures;

/// <summary>
/// The atoms of one file with their residues, chains and models, both numberings, and what the header says. Atoms and residues are
/// stored in arrays of 32-byte records; <see cref="StructureModel"/>, <see cref="Chain"/>, <see cref="Residue"/> and <see cref="Atom"/> are views.
/// </summary>
[SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "The field's word; a keyword in Visual Basic only.")]
public sealed class Structure
{
    internal Structure(StructureBuilder builder)
    {
        Name = builder.Name;
        Source = builder.Source;
        Format = builder.Format;
        Id = builder.Id;
        Title = builder.Title;
        Organism = builder.Organism;
        TaxonomyId = builder.TaxonomyId;
        UniProtAccession = builder.UniProtAccession;
        IsPredicted = builder.IsPredicted;
        Notes = [.. builder.Notes];
    }

    /// <summary>The name of the file without its endings; the key of what is read from it.</summary>
    public string Name { get; }

    /// <summary>The file, or the archive and the entry in it.</summary>
    public string Source { get; }

    /// <summary>The format it was read from.</summary>
    public StructureFormat Format { get; }

    /// <summary>The entry id the file states, such as <c>1CRN</c>; empty when there is none.</summary>
    public string Id { get; }

    /// <summary>The title the file states; empty when there is none.</summary>
    public string Title { get; }

    /// <summary>The first source organism the file states; empty when there is none.</summary>
    public string Organism { get; }

    /// <summary>The NCBI taxonomy number of <see cref="Organism"/>; null when the file states none.</summary>
    public int? TaxonomyId { get; }

    /// <summary>The UniProt accession of an AlphaFold DB model; empty otherwise.</summary>
    public string UniProtAccession { get; }

    /// <summary>Whether the file says that it is a predicted model: then B-factors are most likely pLDDT.</summary>
    public bool IsPredicted { get; }

    /// <summary>What a user should know about how the file was read: lines passed over, data blocks not looked at.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Number of atom records in all models.</summary>
    public int AtomCount => Atoms.Length;

    /// <summary>Number of residues, ligands and waters in all models.</summary>
    public int ResidueCount => Residues.Length;

    /// <summary>The models in file order.</summary>
    public IReadOnlyList<StructureModel> Models => [.. Enumerable.Range(0, ModelRecords.Length).Select(index => new StructureModel(this, index))];

    internal AtomRecord[] Atoms { get; init; } = [];

    internal ResidueRecord[] Residues { get; init; } = [];

    internal ChainRecord[] Chains { get; init; } = [];

    internal ModelRecord[] ModelRecords { get; init; } = [];

    internal Component[] Components { get; init; } = [];

    internal string[] LabelIds { get; init; } = [];

    /// <summary>For each label id the type of its entity as the file states it; null where it does not.</summary>
    internal EntityType?[] LabelTypes { get; init; } = [];

    /// <summary>Atom indices in file order; null when the atoms are stored in file order, as nearly always.</summary>
    internal int[]? FileOrder { get; init; }
}

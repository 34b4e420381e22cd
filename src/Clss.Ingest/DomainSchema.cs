using System.Collections.Frozen;
using Clss.Index;

namespace Clss.Ingest;

/// <summary>The names and types of the metadata columns that the readers fill. A column exists in a collection once a record fills it.</summary>
public static class DomainSchema
{
    /// <summary>Number of residues as embedded.</summary>
    public const string Length = "length";

    /// <summary>The whole header of the record.</summary>
    public const string Description = "description";

    /// <summary>The file it came from, by its short name.</summary>
    public const string Source = "source";

    /// <summary>The name of the protein.</summary>
    public const string ProteinName = "protein_name";

    /// <summary>The species or strain, as written.</summary>
    public const string Organism = "organism";

    /// <summary>The NCBI taxonomy number.</summary>
    public const string TaxonomyId = "taxonomy_id";

    /// <summary>The gene name.</summary>
    public const string Gene = "gene";

    /// <summary>The UniProt accession, without the isoform.</summary>
    public const string UniProtAccession = "uniprot_accession";

    /// <summary>The UniProt entry name, such as <c>YPFU_ECOLI</c>.</summary>
    public const string UniProtEntry = "uniprot_entry";

    /// <summary>Whether it is in Swiss-Prot (reviewed).</summary>
    public const string UniProtReviewed = "uniprot_reviewed";

    /// <summary>The isoform number of an accession such as <c>Q4R572-2</c>.</summary>
    public const string Isoform = "isoform";

    /// <summary>UniProt's level of evidence that the protein exists, 1 (best) to 5.</summary>
    public const string ProteinExistence = "protein_existence";

    /// <summary>UniProt's version of the sequence.</summary>
    public const string SequenceVersion = "sequence_version";

    /// <summary>The accession of NCBI or its partners, with version.</summary>
    public const string NcbiAccession = "ncbi_accession";

    /// <summary>The PDB entry, four characters, lower case.</summary>
    public const string Pdb = "pdb";

    /// <summary>The ECOD uid, nine digits.</summary>
    public const string EcodUid = "ecod_uid";

    /// <summary>The ECOD domain identifier, such as <c>e1ez4D2</c>.</summary>
    public const string EcodDomainId = "ecod_domain_id";

    /// <summary>The ECOD group as published: X.H.T, or X.H.T.F when the domain has a family.</summary>
    public const string EcodFId = "ecod_f_id";

    /// <summary>The X-group number.</summary>
    public const string EcodX = "ecod_x";

    /// <summary>The H-group, X.H.</summary>
    public const string EcodH = "ecod_h";

    /// <summary>The T-group, X.H.T.</summary>
    public const string EcodT = "ecod_t";

    /// <summary>The F-group, X.H.T.F; missing when the domain has no family.</summary>
    public const string EcodF = "ecod_f";

    /// <summary>The architecture, by name.</summary>
    public const string EcodArchitecture = "ecod_architecture";

    /// <summary>The name of the X-group.</summary>
    public const string EcodXName = "ecod_x_name";

    /// <summary>The name of the H-group.</summary>
    public const string EcodHName = "ecod_h_name";

    /// <summary>The name of the T-group.</summary>
    public const string EcodTName = "ecod_t_name";

    /// <summary>The name of the F-group.</summary>
    public const string EcodFName = "ecod_f_name";

    /// <summary>The residues of the domain in ECOD's notation, such as <c>A:4-182</c>.</summary>
    public const string EcodRange = "ecod_range";

    /// <summary>SCOPe's concise classification string, such as <c>a.1.1.1</c>.</summary>
    public const string ScopeSccs = "scope_sccs";

    /// <summary>The SCOPe class, such as <c>a</c>.</summary>
    public const string ScopeClass = "scope_class";

    /// <summary>The SCOPe fold, such as <c>a.1</c>.</summary>
    public const string ScopeFold = "scope_fold";

    /// <summary>The SCOPe superfamily, such as <c>a.1.1</c>.</summary>
    public const string ScopeSuperfamily = "scope_superfamily";

    /// <summary>The SCOPe family, such as <c>a.1.1.1</c>.</summary>
    public const string ScopeFamily = "scope_family";

    /// <summary>The residues of the domain in SCOPe's notation, such as <c>A:</c>.</summary>
    public const string ScopeRange = "scope_range";

    /// <summary>The CATH domain name, such as <c>12asA00</c>.</summary>
    public const string CathDomain = "cath_domain";

    /// <summary>The CATH release, such as <c>4.3.0</c>.</summary>
    public const string CathVersion = "cath_version";

    /// <summary>The residues of the domain in CATH's notation, such as <c>1-87_146-243</c>.</summary>
    public const string CathRange = "cath_range";

    /// <summary>The entry of the AlphaFold database, such as <c>AF-P00533-F1</c>.</summary>
    public const string AlphaFoldEntry = "alphafold_entry";

    private static readonly FrozenDictionary<string, ColumnType> Types = new Dictionary<string, ColumnType>
    {
        [Length] = ColumnType.Integer,
        [TaxonomyId] = ColumnType.Integer,
        [Isoform] = ColumnType.Integer,
        [ProteinExistence] = ColumnType.Integer,
        [SequenceVersion] = ColumnType.Integer,
        [UniProtReviewed] = ColumnType.Flag,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every column, in the order in which they are listed.</summary>
    public static IReadOnlyList<ColumnDefinition> Columns { get; } =
    [
        .. new[]
        {
            Length, Description, Source, ProteinName, Organism, TaxonomyId, Gene,
            UniProtAccession, UniProtEntry, UniProtReviewed, Isoform, ProteinExistence, SequenceVersion, NcbiAccession, Pdb,
            EcodUid, EcodDomainId, EcodFId, EcodX, EcodH, EcodT, EcodF, EcodArchitecture, EcodXName, EcodHName, EcodTName, EcodFName, EcodRange,
            ScopeSccs, ScopeClass, ScopeFold, ScopeSuperfamily, ScopeFamily, ScopeRange,
            CathDomain, CathVersion, CathRange, AlphaFoldEntry,
        }.Select(name => new ColumnDefinition(name, TypeOf(name))),
    ];

    private static ColumnType TypeOf(string name) => Types.GetValueOrDefault(name, ColumnType.Text);
}

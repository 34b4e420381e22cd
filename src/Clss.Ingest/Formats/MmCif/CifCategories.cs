using System.Collections.Frozen;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.MmCif;

/// <summary>The categories besides the atoms that say what a structure is, and what is taken from them. Text and binary CIF share it.</summary>
internal sealed class CifCategories
{
    public const string AtomSite = "_atom_site";

    private static readonly string[] WantedNames =
    [
        "_entry", "_struct", "_exptl", "_entity", "_entity_poly", "_struct_asym", "_chem_comp", "_pdbx_struct_mod_residue", "_entity_src_gen",
        "_entity_src_nat", "_pdbx_entity_src_syn", "_ma_target_ref_db_details", "_ma_data",
    ];

    private static readonly FrozenSet<string> WantedColumns = new[]
    {
        "id", "title", "method", "type", "entity_id", "mon_nstd_parent_comp_id", "label_comp_id", "auth_comp_id", "parent_comp_id", "organism_scientific",
        "ncbi_taxonomy_id", "pdbx_gene_src_scientific_name", "pdbx_gene_src_ncbi_taxonomy_id", "pdbx_organism_scientific", "pdbx_ncbi_taxonomy_id", "db_name", "db_accession",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, CifTable> _tables = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a column of a wanted category is read.</summary>
    public static bool IsWanted(string column) => WantedColumns.Contains(column);

    /// <summary>The wanted category of this name; null when it is not wanted.</summary>
    public CifTable? Find(ReadOnlySpan<byte> category)
    {
        foreach (string wanted in WantedNames)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(category, wanted))
            {
                if (!_tables.TryGetValue(wanted, out CifTable? table))
                {
                    table = new CifTable();
                    _tables.Add(wanted, table);
                }

                return table;
            }
        }

        return null;
    }

    /// <summary>Hands what was found to the structure.</summary>
    public void ApplyTo(StructureBuilder builder)
    {
        builder.Id = Text("_entry", "id");
        builder.Title = Clean(Text("_struct", "title"));
        builder.IsPredicted |= _tables.ContainsKey("_ma_data") || _tables.ContainsKey("_ma_target_ref_db_details") || Text("_exptl", "method").Contains("THEORETICAL", StringComparison.OrdinalIgnoreCase);
        ApplySource(builder);
        ApplyEntities(builder);
        ForEachRow("_chem_comp", (table, row) =>
        {
            if (table["id", row] is { } id)
            {
                AddNamed(builder.ComponentTypes, id, table["type", row]);
                AddNamed(builder.Parents, id, table["mon_nstd_parent_comp_id", row]);
            }
        });
        ForEachRow("_pdbx_struct_mod_residue", (table, row) =>
        {
            if ((table["label_comp_id", row] ?? table["auth_comp_id", row]) is { } id && table["parent_comp_id", row] is { } parent)
            {
                builder.Parents[id] = parent;
            }
        });
    }

    private static void AddNamed(Dictionary<string, string> names, string id, string? value)
    {
        if (value is not null)
        {
            names.TryAdd(id, value);
        }
    }

    private static string Clean(string text) => StructureText.Decode(System.Text.Encoding.UTF8.GetBytes(text));

    private void ApplySource(StructureBuilder builder)
    {
        (string Category, string Name, string Taxonomy)[] places =
        [
            ("_ma_target_ref_db_details", "organism_scientific", "ncbi_taxonomy_id"),
            ("_entity_src_gen", "pdbx_gene_src_scientific_name", "pdbx_gene_src_ncbi_taxonomy_id"),
            ("_entity_src_nat", "pdbx_organism_scientific", "pdbx_ncbi_taxonomy_id"),
            ("_pdbx_entity_src_syn", "organism_scientific", "ncbi_taxonomy_id"),
        ];
        foreach ((string category, string name, string taxonomy) in places)
        {
            if (builder.Organism.Length == 0 && Text(category, name) is { Length: > 0 } organism)
            {
                builder.Organism = Clean(organism);
                builder.TaxonomyId = int.TryParse(Text(category, taxonomy), out int number) ? number : null;
            }
        }

        if (builder.UniProtAccession.Length == 0 && Text("_ma_target_ref_db_details", "db_name") == "UNP")
        {
            builder.UniProtAccession = Clean(Text("_ma_target_ref_db_details", "db_accession"));
        }
    }

    private void ApplyEntities(StructureBuilder builder)
    {
        var types = new Dictionary<string, EntityType>(StringComparer.Ordinal);
        ForEachRow("_entity", (table, row) =>
        {
            EntityType? type = table["type", row]?.ToUpperInvariant() switch
            {
                "WATER" => EntityType.Water,
                "BRANCHED" => EntityType.Carbohydrate,
                "NON-POLYMER" => EntityType.Other,
                _ => null,
            };
            if (type is not null && table["id", row] is { } id)
            {
                types[id] = type.Value;
            }
        });
        ForEachRow("_entity_poly", (table, row) =>
        {
            string type = table["type", row]?.ToUpperInvariant() ?? "";
            if (table["entity_id", row] is { } id && type.Length > 0)
            {
                types[id] = type.Contains("PEPTIDE", StringComparison.Ordinal) && !type.Contains("NUCLEIC", StringComparison.Ordinal) ? EntityType.Protein
                    : type.Contains("NUCLE", StringComparison.Ordinal) ? EntityType.NucleicAcid
                    : type.Contains("SACCHARIDE", StringComparison.Ordinal) ? EntityType.Carbohydrate
                    : EntityType.Other;
            }
        });
        ForEachRow("_struct_asym", (table, row) =>
        {
            if (table["id", row] is { } id && table["entity_id", row] is { } entity && types.TryGetValue(entity, out EntityType type))
            {
                builder.LabelTypes[id] = type;
            }
        });
    }

    private string Text(string category, string column)
    {
        if (!_tables.TryGetValue(category, out CifTable? table))
        {
            return "";
        }

        for (int row = 0; row < table.RowCount; row++)
        {
            if (table[column, row] is { } value)
            {
                return value;
            }
        }

        return "";
    }

    private void ForEachRow(string category, Action<CifTable, int> take)
    {
        if (_tables.TryGetValue(category, out CifTable? table))
        {
            int rows = table.RowCount;
            for (int row = 0; row < rows; row++)
            {
                take(table, row);
            }
        }
    }
}

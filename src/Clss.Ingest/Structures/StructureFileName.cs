namespace Clss.Ingest.Structures;

/// <summary>What the name of a structure file says.</summary>
internal sealed record StructureFileName
{
    private static readonly string[] Compressions = [".gz", ".zst", ".zstd", ".bz2"];
    private static readonly string[] Formats = [".pdb", ".ent", ".cif", ".mmcif", ".bcif", ".pdbx", ".brk", ".pdb1"];

    /// <summary>The name under which the structure is kept: without folders and endings, and for AlphaFold DB without the model version.</summary>
    public required string Key { get; init; }

    /// <summary>The UniProt accession of an AlphaFold DB model; empty otherwise.</summary>
    public string UniProtAccession { get; init; } = "";

    /// <summary>The version of an AlphaFold DB model; 0 for other files.</summary>
    public int ModelVersion { get; init; }

    /// <summary>Whether it is named like an AlphaFold DB model, <c>AF-P00533-F1-model_v4</c>.</summary>
    public bool IsAlphaFold => ModelVersion > 0;

    /// <summary>Whether a name ends like a structure file, compressed or not.</summary>
    public static bool HasStructureEnding(string name)
    {
        string plain = WithoutCompression(name);
        return Formats.Any(format => plain.EndsWith(format, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a name has no ending at all, compression aside, as SCOPe and ECOD name some files.</summary>
    public static bool HasNoEnding(string name) => Path.GetExtension(WithoutCompression(Path.GetFileName(name))).Length == 0;

    public static StructureFileName Parse(string source)
    {
        string name = source[(source.LastIndexOfAny(['/', '\\']) + 1)..];
        string stem = WithoutCompression(name);
        bool isEntry = stem.EndsWith(".ent", StringComparison.OrdinalIgnoreCase);
        foreach (string format in Formats)
        {
            if (stem.Length > format.Length && stem.EndsWith(format, StringComparison.OrdinalIgnoreCase))
            {
                stem = stem[..^format.Length];
                break;
            }
        }

        // pdb1abc.ent is how the archive names entry 1abc.
        if (isEntry && stem.Length == 7 && stem.StartsWith("pdb", StringComparison.Ordinal) && char.IsAsciiDigit(stem[3]))
        {
            stem = stem[3..];
        }

        return ParseAlphaFold(stem) ?? new StructureFileName { Key = stem.Length > 0 ? Clean(stem) : "structure" };
    }

    // AF-<accession>[-<isoform>]-F<fragment>-model_v<N>
    private static StructureFileName? ParseAlphaFold(string stem)
    {
        int model = stem.LastIndexOf("-model_v", StringComparison.Ordinal);
        if (!stem.StartsWith("AF-", StringComparison.Ordinal) || model < 0 || !int.TryParse(stem.AsSpan(model + 8), out int version) || version <= 0)
        {
            return null;
        }

        int fragment = stem.LastIndexOf("-F", model, StringComparison.Ordinal);
        return fragment > 3 && int.TryParse(stem.AsSpan(fragment + 2, model - fragment - 2), out _)
            ? new StructureFileName { Key = Clean(stem[..model]), UniProtAccession = Clean(stem[3..fragment].Split('-')[0]), ModelVersion = version }
            : null;
    }

    // Keys stand in tables, one a line.
    private static string Clean(string key) => string.Concat(key.Select(letter => char.IsControl(letter) ? '_' : letter));

    private static string WithoutCompression(string name)
    {
        string? compression = Compressions.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
        return compression is null ? name : name[..^compression.Length];
    }
}

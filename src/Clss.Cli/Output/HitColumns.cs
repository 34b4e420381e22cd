using System.Collections.Frozen;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>The columns that a search can write, by name: our own, MMseqs2's and Foldseek's names for them, and the database's.</summary>
internal static class HitColumns
{
    private static readonly HitColumn[] Own =
    [
        new("query", (query, _) => Cell.Of(query.Name)),
        new("target", (_, hit) => Cell.Of(hit.Target)),
        new("similarity", (_, hit) => Cell.Of(hit.Similarity)),
        new("rank", (_, hit) => Cell.Of(hit.Rank)),
        new("query_modality", (query, _) => Cell.Of(query.Modality.ToName())),
        new("target_modality", (_, hit) => Cell.Of(hit.TargetModality)),
        new("query_length", (query, _) => query.Length is int length ? Cell.Of(length) : Cell.Missing),
    ];

    /// <summary>Only written when asked for by name: the names that users of MMseqs2 and Foldseek type, and short ones for ECOD.</summary>
    private static readonly HitColumn[] OnRequest =
    [
        new("cos", (_, hit) => Cell.Of(hit.Similarity)),
        new("dist", (_, hit) => Cell.Of(MathF.Sqrt(MathF.Max(0f, 2f - (2f * hit.Similarity))))), // Euclidean, of unit vectors
        new("qmod", (query, _) => Cell.Of(query.Modality.ToName())),
        new("tmod", (_, hit) => Cell.Of(hit.TargetModality)),
        new("qlen", (query, _) => query.Length is int length ? Cell.Of(length) : Cell.Missing),
        new("tlen", (_, hit) => Metadata(hit, DomainSchema.Length)),
        new("qheader", (query, _) => Cell.Of(query.Description)),
        new("theader", (_, hit) => Metadata(hit, DomainSchema.Description)),
        new("ecoduid", (_, hit) => Metadata(hit, DomainSchema.EcodUid)),
        new("ecodid", (_, hit) => Metadata(hit, DomainSchema.EcodDomainId)),
        new("xhtf", (_, hit) => Metadata(hit, DomainSchema.EcodFId)),
        new("arch", (_, hit) => Metadata(hit, DomainSchema.EcodArchitecture)),
        new("xname", (_, hit) => Metadata(hit, DomainSchema.EcodXName)),
        new("hname", (_, hit) => Metadata(hit, DomainSchema.EcodHName)),
        new("tname", (_, hit) => Metadata(hit, DomainSchema.EcodTName)),
        new("fname", (_, hit) => Metadata(hit, DomainSchema.EcodFName)),
        new("taxid", (_, hit) => Metadata(hit, DomainSchema.TaxonomyId)),
        new("empty", (_, _) => Cell.Of("-")),
    ];

    /// <summary>Every column of the table by default: query, target and similarity first, then the rest, the database's own last.</summary>
    public static IReadOnlyList<HitColumn> All(IReadOnlyList<ColumnDefinition> metadata) =>
        [.. Own, .. metadata.Select(OfMetadata)];

    /// <summary>The columns named in <paramref name="list"/> (comma-separated), in that order.</summary>
    /// <exception cref="UsageException">A name is not known; the message lists those that are.</exception>
    public static IReadOnlyList<HitColumn> Parse(string list, IReadOnlyList<ColumnDefinition> metadata)
    {
        Dictionary<string, HitColumn> known = new(StringComparer.Ordinal);
        foreach (HitColumn column in (IEnumerable<HitColumn>)[.. All(metadata), .. OnRequest])
        {
            known.TryAdd(column.Name, column);
        }

        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
        {
            throw new UsageException("--format-output names no column. Example: --format-output query,target,similarity");
        }

        return [.. names.Select(name => known.TryGetValue(name, out HitColumn? column) ? column : throw Unknown(name, known.Keys))];
    }

    // A metadata column named like one of ours is told apart by a prefix.
    private static HitColumn OfMetadata(ColumnDefinition definition) =>
        new(Own.Any(column => column.Name == definition.Name) ? "target_" + definition.Name : definition.Name,
            (_, hit) => Metadata(hit, definition.Name));

    private static Cell Metadata(ProteinHit hit, string column) =>
        hit.Metadata.TryGetValue(column, out MetadataValue value) ? Cell.Of(value) : Cell.Missing;

    private static UsageException Unknown(string name, IReadOnlyCollection<string> known)
    {
        string why = Alignment.Contains(name)
            ? $"'{name}' belongs to an alignment or its statistics, and a vector search makes none"
            : $"there is no column '{name}'";
        string? near = Suggestion.Nearest(name, known);
        string hint = near is null ? "" : $" Did you mean '{near}'?";
        return new UsageException($"--format-output: {why}.{hint} Available: {string.Join(", ", known)}.");
    }

    private static readonly FrozenSet<string> Alignment = FrozenSet.ToFrozenSet(
    [
        "evalue", "bits", "raw", "pident", "fident", "nident", "alnlen", "mismatch", "gapopen", "qstart", "qend", "tstart", "tend",
        "cigar", "qaln", "taln", "qcov", "tcov", "prob", "lddt", "alntmscore", "qtmscore", "ttmscore", "rmsd",
    ]);
}

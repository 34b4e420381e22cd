using Clss.Ingest;

namespace Clss.Query.Evaluation;

/// <summary>
/// Domains with known relatives, to measure a model by. They lie in a folder with one <c>*.tsv</c> and one <c>*.coords.bin.gz</c>; docs/evaluation.md
/// describes both.
/// </summary>
public sealed class LabelledDomains
{
    /// <summary>The ending of the table's name.</summary>
    public const string TableEnding = ".tsv";

    /// <summary>The ending of the name of the coordinates.</summary>
    public const string CoordinatesEnding = ".coords.bin.gz";

    /// <summary>Wraps domains that do not come from a folder.</summary>
    public LabelledDomains(IReadOnlyList<LabelledDomain> domains)
    {
        ArgumentNullException.ThrowIfNull(domains);
        Domains = domains;
    }

    /// <summary>The domains, in the order of the table.</summary>
    public IReadOnlyList<LabelledDomain> Domains { get; }

    /// <summary>Residues of all domains.</summary>
    public long Residues => Domains.Sum(domain => (long)domain.Backbone.Length);

    /// <summary>Rows of the table that were passed over because they have no coordinates.</summary>
    public int WithoutCoordinates { get; init; }

    /// <summary>Rows of the table that were passed over because a row before has the same identifier.</summary>
    public int Repeated { get; init; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ClssQueryException">
    /// The folder has not exactly one file of each kind, a column is missing, a row has no meaning, or the coordinates are damaged or too short.
    /// </exception>
    public static LabelledDomains Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            if (!Directory.Exists(folder))
            {
                throw new ClssQueryException($"{folder}: no such folder. Expected one with a table (*{TableEnding}) and coordinates (*{CoordinatesEnding}) of labelled domains.");
            }

            string tablePath = Only(folder, TableEnding);
            string coordinatesPath = Only(folder, CoordinatesEnding);
            DomainTable table = DomainTable.Read(tablePath);
            return new LabelledDomains(CoordinateBlocks.Read(coordinatesPath, tablePath, table.Rows))
            {
                WithoutCoordinates = table.WithoutCoordinates,
                Repeated = table.Repeated,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ClssIngestException)
        {
            throw new ClssQueryException($"{folder}: the labelled domains cannot be read: {exception.Message}", exception);
        }
    }

    private static string Only(string folder, string ending)
    {
        string[] found = [.. Directory.GetFiles(folder).Where(path => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ClssQueryException($"{folder}: no file is named *{ending}. Expected one table (*{TableEnding}) and the coordinates (*{CoordinatesEnding}) of its domains."),
            _ => throw new ClssQueryException($"{folder}: {found.Length} files are named *{ending} ({string.Join(", ", found.Take(5).Select(Path.GetFileName))}); expected one. Put each set into a folder of its own."),
        };
    }
}

namespace Clss.Ingest.Structures;

/// <summary>Which part of a structure is meant: model, chains, residues.</summary>
public sealed record StructureSelection
{
    private const string LabelPrefix = "label=";

    /// <summary>The key of the domain that the ranges make; null to make one of file, chain and range. Without ranges it has no effect.</summary>
    public string? Key { get; init; }

    /// <summary>The number of the model; null for the first.</summary>
    public int? ModelNumber { get; init; }

    /// <summary>The pieces, joined in this order to one domain; empty for every protein chain, each for itself.</summary>
    public IReadOnlyList<ResidueRange> Ranges { get; init; } = [];

    /// <summary>Whose chain ids the ranges use.</summary>
    public ChainNaming Naming { get; init; }

    /// <summary>Which numbers the ranges use.</summary>
    public ResidueNumbering Numbering { get; init; }

    /// <summary>
    /// Reads what follows a file name on the command line: <c>A</c>, <c>A/20-120</c>, <c>A/1-87_146-243</c>, <c>/20-120</c>, <c>A@2/20-120</c> (model 2),
    /// <c>label=B/20-120</c> (label chain id and numbers), or ranges as ECOD writes them, <c>A:4-182,A:200-220</c>.
    /// </summary>
    /// <exception cref="ClssIngestException">The text is none of these.</exception>
    public static StructureSelection Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isLabel = text.StartsWith(LabelPrefix, StringComparison.Ordinal);
        string rest = isLabel ? text[LabelPrefix.Length..] : text;
        ChainNaming naming = isLabel ? ChainNaming.Label : ChainNaming.Author;
        ResidueNumbering numbering = isLabel ? ResidueNumbering.Label : ResidueNumbering.Author;
        if (rest.Contains(':', StringComparison.Ordinal))
        {
            return new StructureSelection { Ranges = RangeGrammar.ParseRanges(rest), Naming = naming, Numbering = numbering };
        }

        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string chain = slash < 0 ? rest : rest[..slash];
        int? model = null;
        int at = chain.LastIndexOf('@');
        if (at >= 0)
        {
            model = int.TryParse(chain.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture, out int number)
                ? number
                : throw new ClssIngestException($"'{text}': '{chain[(at + 1)..]}' is no model number. Write CHAIN@MODEL/FIRST-LAST, for example A@2/20-120.");
            chain = chain[..at];
        }

        string? chainOrAny = chain.Length == 0 ? null : chain;
        IReadOnlyList<ResidueRange> ranges = slash < 0 || slash == rest.Length - 1
            ? chainOrAny is null ? [] : [new ResidueRange(chainOrAny)]
            : [.. RangeGrammar.ParseRanges(rest[(slash + 1)..]).Select(range => range with { Chain = chainOrAny })];
        return new StructureSelection { ModelNumber = model, Ranges = ranges, Naming = naming, Numbering = numbering };
    }

    /// <summary>Makes a selection of the ranges of one domain in the notation of ECOD, SCOPe, CATH, TED, Chainsaw or Merizo.</summary>
    /// <param name="ranges">Such as <c>A:1-75,A:100-115</c>, <c>1-87_146-243</c> or <c>A:</c>.</param>
    /// <param name="chain">The chain of ranges that name none; null for the only protein chain.</param>
    /// <param name="numbering">Which numbers they are.</param>
    /// <exception cref="ClssIngestException">The text is no such notation.</exception>
    public static StructureSelection OfDomain(string ranges, string? chain = null, ResidueNumbering numbering = ResidueNumbering.Author) => new()
    {
        Ranges = [.. RangeGrammar.ParseRanges(ranges).Select(range => range.Chain is null ? range with { Chain = chain } : range)],
        Numbering = numbering,
    };

    /// <summary>The ranges as ECOD writes them; empty when every chain is meant.</summary>
    public override string ToString() => string.Join(',', Ranges);
}

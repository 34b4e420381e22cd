using System.CommandLine;
using System.CommandLine.Parsing;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>--recall</c>, <c>--nprobe</c> and <c>--ef</c>: how much of the nearest a search through an index is to find.</summary>
internal sealed class AccuracyOptions
{
    private readonly Option<double?> _recall = new("--recall")
    {
        Description = "The share of the nearest to find on average where the database has an index, above 0 to 1; 1 is an exact search (default: 0.99).",
        HelpName = "R",
    };

    private readonly Option<int?> _probes = new("--nprobe")
    {
        Description = "Search this many cells, the nearest, instead of as many as --recall needs.",
        HelpName = "N",
    };

    private readonly Option<int?> _efSearch = new("--ef")
    {
        Description = "Keep this many candidates on the way through a graph, instead of as many as --recall needs (efSearch).",
        HelpName = "N",
    };

    public AccuracyOptions()
    {
        _recall.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<double?>() is null or (> 0 and <= 1), result, "--recall wants a number above 0, at most 1."));
        _probes.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 1, result, "--nprobe wants 1 or more."));
        _efSearch.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 1, result, "--ef wants 1 or more."));
    }

    /// <summary>Adds them to a command, which may have an option for exact searches.</summary>
    public void AddTo(Command command, Option<bool>? exact = null)
    {
        command.Options.Add(_recall);
        command.Options.Add(_probes);
        command.Options.Add(_efSearch);
        command.Validators.Add(result => RequireOne(result, exact));
    }

    /// <summary>The recall asked for; null where none was.</summary>
    public double? ReadRecall(ParseResult parse) => parse.GetValue(_recall);

    /// <summary>The number of cells asked for; null where none was.</summary>
    public int? ReadProbes(ParseResult parse) => parse.GetValue(_probes);

    /// <summary>The number of candidates asked for; null where none was.</summary>
    public int? ReadEfSearch(ParseResult parse) => parse.GetValue(_efSearch);

    /// <summary>How a search with these options is done, in words.</summary>
    public static string Describe(SearchOptions options) => options switch
    {
        { Exact: true } => "exact",
        { Probes: int probes } => $"nprobe {probes}",
        { EfSearch: int efSearch } => $"ef {efSearch}",
        _ => $"recall {options.Recall.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
    };

    private void RequireOne(CommandResult result, Option<bool>? exact)
    {
        bool IsGiven(Option option) => result.GetResult(option) is OptionResult { Implicit: false };
        string[] given = [.. ((Option?[])[exact, _recall, _probes, _efSearch]).OfType<Option>().Where(IsGiven).Select(option => option.Name)];
        GlobalOptions.Require(given.Length <= 1, result, $"{string.Join(" and ", given)} exclude each other: each says how exact the search is.");
    }
}

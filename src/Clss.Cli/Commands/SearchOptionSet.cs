using System.CommandLine;
using System.CommandLine.Parsing;
using Clss.Embedder;
using Clss.Query;

namespace Clss.Cli.Commands;

/// <summary>The options of <c>clss search</c> and <c>clss easy-search</c>.</summary>
internal sealed class SearchOptionSet
{
    private readonly Option<int> _k = new("-k", "--max-seqs")
    {
        Description = "Hits to report for each query.",
        HelpName = "N",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<float> _minSimilarity = new("--min-similarity")
    {
        Description = "Leave out hits with a cosine similarity below this.",
        HelpName = "S",
        DefaultValueFactory = _ => -1f,
    };

    private readonly Option<bool> _exact = new("--exact", "--exhaustive-search")
    {
        Description = "Find exactly the nearest, also where the database has an index (the same as --recall 1).",
    };

    private readonly AccuracyOptions _accuracy = new();

    private readonly Option<string?> _where = new("--where")
    {
        Description = "A condition on the targets' metadata: \"length > 80 and ecod_x = '2003'\".",
        HelpName = "EXPR",
    };

    private readonly Option<string?> _modality = new("--modality")
    {
        Description = "What to ask by, or which vectors of a query database to use: sequence, structure, segment (default: structures by structure, sequences by sequence).",
        HelpName = "M",
    };

    private readonly Option<string?> _targetModality = new("--target-modality")
    {
        Description = "Which vectors of the database may be found: sequence, structure, segment (default: all).",
        HelpName = "M",
    };

    private readonly Option<string?> _model = ModelOption.Create("the database's");
    private readonly PolicyOption _policy = new();
    private readonly TableFormatOptions _format = new();

    public SearchOptionSet()
    {
        _k.Validators.Add(result => GlobalOptions.Require(result.GetValueOrDefault<int>() >= 1, result, "-k wants 1 or more."));
        _minSimilarity.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<float>() is >= -1f and <= 1f, result, "--min-similarity wants a number from -1 to 1."));
        _modality.Validators.Add(RequireModality);
        _targetModality.Validators.Add(RequireModality);
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_k);
        command.Options.Add(_minSimilarity);
        command.Options.Add(_exact);
        _accuracy.AddTo(command, _exact);
        command.Options.Add(_where);
        command.Options.Add(_modality);
        command.Options.Add(_targetModality);
        command.Options.Add(_model);
        _policy.AddTo(command);
        _format.AddTo(command);
    }

    public SearchRun Read(ParseResult parse) => new()
    {
        K = parse.GetValue(_k),
        MinSimilarity = parse.GetValue(_minSimilarity),
        Exact = parse.GetValue(_exact),
        Recall = _accuracy.ReadRecall(parse) ?? new SearchRequest().Recall,
        Probes = _accuracy.ReadProbes(parse),
        EfSearch = _accuracy.ReadEfSearch(parse),
        Where = parse.GetValue(_where),
        Modality = ReadModality(parse.GetValue(_modality)),
        TargetModality = ReadModality(parse.GetValue(_targetModality)),
        Model = parse.GetValue(_model),
        Policy = _policy.Read(parse),
        Format = _format.Read(parse),
    };

    private static void RequireModality(OptionResult result) => GlobalOptions.Require(
        result.GetValueOrDefault<string?>() is not string name || ModalityNames.TryParse(name, out _),
        result, $"{result.Option.Name} wants sequence, structure or segment.");

    private static Modality? ReadModality(string? name) =>
        name is not null && ModalityNames.TryParse(name, out Modality modality) ? modality : null;
}

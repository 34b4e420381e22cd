using System.CommandLine;
using Clss.Index;
using Clss.Index.Evaluation;
using Clss.Ingest.Formats.Numpy;
using Clss.Query;

namespace Clss.Cli.Commands;

/// <summary>What <c>clss db check</c> and <c>clss db tune</c> ask: a sample of the rows or given vectors, in all of the database or in a part.</summary>
internal sealed class RecallOptionSet
{
    private const int DefaultSample = 1000;

    private readonly Option<int?> _sample = new("--sample")
    {
        Description = $"Stored rows to ask for, each left out of its own answer (default: {DefaultSample}, with --queries none).",
        HelpName = "N",
    };

    private readonly Option<string?> _queries = new("--queries")
    {
        Description = "Ask by these vectors (.npy, [n, d] float32).",
        HelpName = "V.npy",
    };

    private readonly Option<string?> _partition = new("--partition", "--target-modality")
    {
        Description = "Search, and draw the sample from, this partition only: sequence, structure, segment (default: all).",
        HelpName = "NAME",
    };

    private readonly Option<string?> _where = new("--where")
    {
        Description = "A condition that the rows found must meet: \"length > 80\".",
        HelpName = "EXPR",
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Another seed draws other rows.",
        HelpName = "N",
        DefaultValueFactory = _ => 42,
    };

    public RecallOptionSet() =>
        _sample.Validators.Add(result => GlobalOptions.Require(result.GetValueOrDefault<int?>() is null or >= 1, result, "--sample wants 1 or more."));

    public void AddTo(Command command)
    {
        command.Options.Add(_sample);
        command.Options.Add(_queries);
        command.Options.Add(_partition);
        command.Options.Add(_where);
        command.Options.Add(_seed);
    }

    public RecallCheckOptions Read(ParseResult parse, CollectionInfo info)
    {
        string? queries = parse.GetValue(_queries);
        return new RecallCheckOptions
        {
            Sample = parse.GetValue(_sample) ?? (queries is null ? DefaultSample : 0),
            Seed = parse.GetValue(_seed),
            Queries = queries is null ? default : ReadVectors(queries, info),
            Search = new SearchOptions
            {
                K = 10,
                Partition = ReadPartition(parse.GetValue(_partition), info),
                Filter = parse.GetValue(_where) is string where ? WhereExpression.Parse(where, info.Columns) : null,
            },
        };
    }

    private static string? ReadPartition(string? name, CollectionInfo info) =>
        name is null || info.Partitions.Any(partition => partition.Name == name)
            ? name
            : throw new UsageException($"the database has no partition '{name}'; it has {string.Join(", ", info.Partitions.Select(partition => $"'{partition.Name}'"))}.");

    private static float[] ReadVectors(string path, CollectionInfo info)
    {
        using NpyReader reader = NpyReader.Open(path);
        if (reader.Columns != info.Dimension)
        {
            throw new ClssQueryException($"{path} has vectors of {reader.Columns} numbers; this database has {info.Dimension} dimensions.");
        }

        var vectors = new float[checked((int)(reader.Rows * reader.Columns))];
        reader.ReadRows(vectors);
        return vectors;
    }
}

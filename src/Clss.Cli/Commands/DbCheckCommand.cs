using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Index;
using Clss.Index.Evaluation;

namespace Clss.Cli.Commands;

/// <summary><c>clss db check DB</c>: how much of the nearest searches through the index find.</summary>
internal static class DbCheckCommand
{
    public const string Schema = "clss.recall.v1";

    public static Command Create(GlobalOptions global)
    {
        Argument<string> database = DbCommand.DatabaseArgument();
        var accuracy = new AccuracyOptions();
        var options = new RecallOptionSet();
        var command = new Command("check", "Measure how much of the nearest searches find, against exact searches: recall at 1, 10 and 100.") { database };
        accuracy.AddTo(command);
        options.AddTo(command);
        command.SetAction((parse, cancellationToken) => Task.FromResult(Run(global.Read(parse), parse.GetValue(database)!, info => Read(parse, info), cancellationToken)));

        RecallCheckOptions Read(ParseResult parse, CollectionInfo info)
        {
            RecallCheckOptions read = options.Read(parse, info);
            return read with
            {
                Search = read.Search with { Recall = accuracy.ReadRecall(parse) ?? read.Search.Recall, Probes = accuracy.ReadProbes(parse), EfSearch = accuracy.ReadEfSearch(parse) },
            };
        }

        return command;
    }

    private static int Run(Session session, string database, Func<CollectionInfo, RecallCheckOptions> read, CancellationToken cancellationToken)
    {
        using VectorCollection collection = VectorCollection.Open(DatabasePath.Find(database));
        RecallCheckOptions options = read(collection.Info);
        RecallReport report;
        using (var progress = new RecallLine(session, "check"))
        {
            report = RecallCheck.Measure(collection, options, progress, cancellationToken);
        }

        var table = new RowTable(session, Schema, "index", "setting", "k", "recall", "low", "high", "complete", "microseconds", "exact_microseconds", "certified");
        foreach ((RecallFigure figure, double exact) in report.Figures.Zip(report.ExactMicroseconds))
        {
            table.Add(
                [Cell.Of(report.IndexKind), Cell.Of(AccuracyOptions.Describe(options.Search)), .. FigureCells(figure), Cell.Of(MetadataValue.Real(Math.Round(exact, 2))), Cell.Of(MetadataValue.Real(Math.Round(figure.Certified, 5)))]);
        }

        session.Messages.Info($"{Asked(report.Queries, report.StoredQueries)}. low to high: 95 % confidence, by queries. complete: share of queries that missed nothing; certified: of queries whose search proved it. Times: processor time of a search, one at a time.");
        if (report.IndexKind == "exact")
        {
            session.Messages.Info("There is no index here: every row is compared, so every search is exact.");
        }

        return ExitCode.Done;
    }

    /// <summary>What was measured: k, recall, low, high, complete, microseconds.</summary>
    public static IEnumerable<Cell> FigureCells(RecallFigure figure) =>
    [
        Cell.Of(figure.K),
        .. ((double[])[figure.Recall, figure.Low, figure.High, figure.Complete]).Select(share => Cell.Of(MetadataValue.Real(Math.Round(share, 5)))),
        Cell.Of(MetadataValue.Real(Math.Round(figure.Microseconds, 2))),
    ];

    /// <summary>Who was asked for, in words.</summary>
    public static string Asked(int queries, int stored)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string rows = string.Create(culture, $"{stored:N0} stored rows, each left out of its own answer");
        string given = string.Create(culture, $"{queries - stored:N0} given vectors");
        return "Asked for " + (stored == 0 ? given : stored == queries ? rows : $"{rows}, and {given}");
    }
}

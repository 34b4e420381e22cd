using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Index;
using Clss.Index.Evaluation;

namespace Clss.Cli.Commands;

/// <summary><c>clss db tune DB --recall R</c>: the smallest setting whose measured recall reaches R.</summary>
internal static class DbTuneCommand
{
    public const string Schema = "clss.tuning.v1";

    public static Command Create(GlobalOptions global)
    {
        Argument<string> database = DbCommand.DatabaseArgument();
        var target = new Option<double>("--recall") { Description = "The recall at 10 neighbours to reach, above 0 to 1.", HelpName = "R", Required = true };
        target.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<double>() is > 0 and <= 1, result, "--recall wants a number above 0, at most 1."));
        var options = new RecallOptionSet();
        var command = new Command("tune", "Find the smallest --recall, and --nprobe or --ef, of a search whose measured recall reaches a target.") { database, target };
        options.AddTo(command);
        command.SetAction((parse, cancellationToken) => Task.FromResult(Run(
            global.Read(parse), parse.GetValue(database)!, parse.GetValue(target), info => options.Read(parse, info), cancellationToken)));
        return command;
    }

    private static int Run(Session session, string database, double target, Func<CollectionInfo, RecallCheckOptions> read, CancellationToken cancellationToken)
    {
        using VectorCollection collection = VectorCollection.Open(DatabasePath.Find(database));
        TuningReport report;
        using (var progress = new RecallLine(session, "tune"))
        {
            report = RecallCheck.Tune(collection, target, read(collection.Info), progress, cancellationToken);
        }

        var table = new RowTable(session, Schema, "recall_setting", "nprobe", "ef", "k", "recall", "low", "high", "complete", "microseconds", "chosen");
        foreach (TuningPoint point in report.Curve)
        {
            Cell recall = point.Recall is double setting ? Cell.Of(MetadataValue.Real(setting)) : Cell.Missing;
            Cell probes = point.Probes is int number ? Cell.Of(number) : Cell.Missing;
            Cell efSearch = point.EfSearch is int candidates ? Cell.Of(candidates) : Cell.Missing;
            table.Add([recall, probes, efSearch, .. DbCheckCommand.FigureCells(point.Figure), Cell.Of(MetadataValue.Flag(point == report.ByRecall || point == report.ByProbes || point == report.ByEfSearch))]);
        }

        Summarize(session, report);
        return ExitCode.Done;
    }

    private static void Summarize(Session session, TuningReport report)
    {
        session.Messages.Info($"{DbCheckCommand.Asked(report.Queries, report.StoredQueries)}. low to high: 95 % confidence, by queries.");
        if (report.IndexKind == "exact")
        {
            session.Messages.Info("There is no index here: every search is exact, whatever the setting.");
            return;
        }

        CultureInfo culture = CultureInfo.InvariantCulture;
        session.Messages.Info(string.Create(culture, $"A recall of {report.Target} at 10 neighbours is reached with"));
        session.Messages.Info(Describe(string.Create(culture, $"  --recall {report.ByRecall.Recall}"), report.ByRecall.Figure));
        if (report.Curve.Any(point => point.Probes is not null))
        {
            session.Messages.Info(report.ByProbes is TuningPoint probes
                ? Describe(string.Create(culture, $"  --nprobe {probes.Probes}"), probes.Figure)
                : "  no --nprobe: not even all cells reach it");
        }

        if (report.Curve.Any(point => point.EfSearch is not null))
        {
            session.Messages.Info(report.ByEfSearch is TuningPoint efSearch
                ? Describe(string.Create(culture, $"  --ef {efSearch.EfSearch}"), efSearch.Figure)
                : "  no --ef: not even as many candidates as there are rows reach it");
        }

        session.Messages.Info(string.Create(culture, $"An exact search takes {report.ExactMicroseconds:0.0} microseconds."));
    }

    private static string Describe(string setting, RecallFigure figure) => string.Create(CultureInfo.InvariantCulture,
        $"{setting}: {figure.Recall:0.0000} ({figure.Low:0.0000} to {figure.High:0.0000}), {figure.Microseconds:0.0} microseconds a search");
}

using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Query.Evaluation;

namespace Clss.Cli.Commands;

/// <summary><c>clss evaluate DIR --model M -o OUT.json</c>: how often the nearest domain is a relative.</summary>
internal static class EvaluateCommand
{
    // Below this nobody needs to be told how long it will take.
    private const double ForecastFromSeconds = 30;

    public static Command Create(GlobalOptions global)
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "A folder with one *.tsv (identifier, labels, sequence) and one *.coords.bin.gz of the domains; docs/evaluation.md describes both.",
        };
        var output = new Option<string>("-o", "--output")
        {
            Description = "The JSON file to write; - is standard output.",
            HelpName = "OUT.json",
            Required = true,
        };
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var command = new Command("evaluate") { folder, output, model };
        command.SetAction((parse, cancellationToken) => Task.FromResult(
            Run(global.Read(parse), parse.GetValue(folder)!, parse.GetValue(output)!, parse.GetValue(model), cancellationToken)));
        return command;
    }

    private static int Run(Session session, string folder, string output, string? model, CancellationToken cancellationToken)
    {
        LabelledDomains domains = LabelledDomains.Read(folder);
        using ClssEmbedder embedder = ModelOption.Load(session, model);
        if (!embedder.HasAdapter)
        {
            throw new UsageException($"the model {embedder.Name} has no adapter for sequences into the common space: there is nothing to compare. Use a CLSS model.");
        }

        var evaluation = new ModelEvaluation(embedder);
        Announce(session, domains, embedder, evaluation);
        EvaluationReport report;
        using (var file = new AtomicFile(output))
        {
            using (var progress = new EvaluationLine(session))
            {
                report = evaluation.Run(domains, session.Threads, progress, cancellationToken);
            }

            EvaluationJson.Write(report, file.Stream);
            file.Complete();
        }

        WriteManifest(session, folder, output, report);
        Summarize(session, output, report, evaluation.HasStructures);
        return ExitCode.Done;
    }

    private static void Announce(Session session, LabelledDomains domains, ClssEmbedder embedder, ModelEvaluation evaluation)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string left = string.Join(", ",
            ((string[])[Left(domains.WithoutCoordinates, "without coordinates"), Left(domains.Repeated, "repeated")]).Where(text => text.Length > 0));
        session.Messages.Info(string.Create(culture,
            $"{domains.Domains.Count:N0} domains, {domains.Residues:N0} residues{(left.Length > 0 ? $"; rows left out: {left}" : "")}"));
        if (!evaluation.HasStructures)
        {
            session.Messages.Info($"{embedder.Name} has no structure tower here: only sequence against sequence is measured. 'clss models info {embedder.Name}' shows what it has.");
            return;
        }

        StructureForecast forecast = embedder.ForecastStructures([.. domains.Domains.Select(domain => domain.Backbone.Length)]);
        if (forecast.Seconds >= ForecastFromSeconds)
        {
            session.Messages.Info(string.Create(culture,
                $"the structures will take about {forecast.Seconds / 60:0.#} minutes ({forecast.SecondsPerStructure:0.###} s each) and {(forecast.WeightBytes + forecast.WorkBytes) / 1e9:0.#} GB"));
        }
    }

    private static string Left(int count, string why) => count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} {why}");

    private static void WriteManifest(Session session, string folder, string output, EvaluationReport report) =>
        new RunManifest()
            .With("model", ("name", report.ModelName), ("fingerprint", report.Model), ("structure_fingerprint", report.StructureTower))
            .With("parameters", ("folder", folder))
            .With("counts", ("domains", report.Domains), ("residues", report.Residues), ("rows_without_coordinates", report.WithoutCoordinates), ("rows_repeated", report.Repeated))
            .Write(output, "evaluate", session.Started);

    private static void Summarize(Session session, string output, EvaluationReport report, bool hasStructures)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (!session.Json && session.Messages.Shows(2))
        {
            HitTable.Write(Console.Error, ["query > target", "same superfamily", "same fold", "same fold, own superfamily removed", "own domain first", "among ten"],
                report.Pairs.Select(pair => (IReadOnlyList<string>)
                [
                    pair.Name,
                    Share(pair.Figures.Retrieval.SuperfamilyR1),
                    Share(pair.Figures.Retrieval.FoldR1),
                    Share(pair.Figures.Retrieval.FoldR1OwnSuperfamilyRemoved),
                    pair.HasPartner ? Share(pair.Figures.Partner.R1) : "",
                    pair.HasPartner ? Share(pair.Figures.Partner.R10) : "",
                ]));
        }

        RetrievalFigures first = report.Pairs[0].Figures.Retrieval;
        double seconds = (DateTimeOffset.UtcNow - session.Started).TotalSeconds;
        session.Messages.Info(string.Create(culture,
            $"nearest of all other domains; {first.Queries:N0} queries have a relative in their superfamily, {first.QueriesOwnSuperfamilyRemoved:N0} in another one of their fold{(hasStructures ? $"; own domain: all {report.Domains:N0}" : "")}"));
        session.Messages.Info(string.Create(culture, $"{seconds:0.0} s{(output == "-" ? "" : $"; written to {output}")}"));
    }

    private static string Share(double? share) => share is double value ? value.ToString("0.0000", CultureInfo.InvariantCulture) : "no queries";
}

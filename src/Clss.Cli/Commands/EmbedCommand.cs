using System.CommandLine;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Sources;

namespace Clss.Cli.Commands;

/// <summary><c>clss embed INPUT... OUT.npy</c>: vectors for other programs.</summary>
internal static class EmbedCommand
{
    public static Command Create(GlobalOptions global)
    {
        var paths = new Argument<string[]>("INPUT... OUT.npy")
        {
            Description = "FASTA files, folders or -; last, the NumPy file to write (OUT.ids.tsv beside it names the rows).",
            Arity = new ArgumentArity(2, 100_000),
        };
        var modality = new Option<string>("--modality") { Description = "What the inputs are.", HelpName = "sequence", DefaultValueFactory = _ => "sequence" };
        modality.Validators.Add(result => GlobalOptions.Require(
            ModalityNames.TryParse(result.GetValueOrDefault<string>() ?? "", out Modality wanted) && wanted == Modality.Sequence,
            result, "--modality: this version embeds sequences only."));
        var noAdapter = new Option<bool>("--no-adapter") { Description = "Write the pooled embedding before adapter and normalisation." };
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var policy = new PolicyOption();
        var command = new Command("embed") { paths, modality, noAdapter, model };
        policy.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string[] names = parse.GetValue(paths)!;
            return RunAsync(session, names[..^1], names[^1], parse.GetValue(model), parse.GetValue(noAdapter), policy.Read(parse), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Session session, string[] inputs, string output, string? model, bool noAdapter, ResiduePolicy policy, CancellationToken cancellationToken)
    {
        if (!output.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"the last name is the NumPy file to write and ends in .npy; {output} does not.");
        }

        using ClssEmbedder embedder = ModelOption.Load(session, model);
        if (!noAdapter && !embedder.HasAdapter)
        {
            throw new UsageException($"the model {embedder.Name} has no adapter into the common space; --no-adapter writes its pooled embeddings.");
        }

        SequenceInput input = SequenceInput.Open(inputs, new FastaOptions { Policy = policy });
        IngestReport report;
        using (var progress = new IngestLine(session, "embed"))
        {
            report = await new EmbeddingWriter(embedder, new EmbeddingOptions { Pooled = noAdapter }).WriteAsync(input, output, progress, cancellationToken);
        }

        IngestSummary.Write(session, report, "vectors", output);
        new RunManifest()
            .With("model", ("name", embedder.Name), ("fingerprint", embedder.Fingerprint))
            .With("parameters", ("inputs", inputs), ("modality", "sequence"), ("no_adapter", noAdapter), ("policy", policy.ToString().ToLowerInvariant()))
            .With("counts", ("rows", report.Rows), ("skipped", report.RejectedCount))
            .Write(output, "embed", session.Started);
        return session.Finish(report.RejectedCount);
    }
}

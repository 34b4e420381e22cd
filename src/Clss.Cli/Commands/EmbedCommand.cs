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
            Description = "FASTA files, structures, folders, archives or -; last, the NumPy file to write (OUT.ids.tsv beside it names the rows).",
            Arity = new ArgumentArity(2, 100_000),
        };
        var modality = new Option<string?>("--modality")
        {
            Description = "Which vectors: sequence, structure, or segment (default: structures of structures, sequences of sequences).",
            HelpName = "M",
        };
        modality.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<string?>() is not string name || ModalityNames.TryParse(name, out _),
            result, "--modality wants sequence, structure or segment."));
        var noAdapter = new Option<bool>("--no-adapter") { Description = "Write the pooled embedding before adapter and normalisation." };
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var policy = new PolicyOption();
        var command = new Command("embed") { paths, modality, noAdapter, model };
        policy.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string[] names = parse.GetValue(paths)!;
            Modality? wanted = parse.GetValue(modality) is string text && ModalityNames.TryParse(text, out Modality known) ? known : null;
            return RunAsync(session, names[..^1], names[^1], parse.GetValue(model), wanted, parse.GetValue(noAdapter), policy.Read(parse), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        Session session, string[] inputs, string output, string? model, Modality? modality, bool noAdapter, ResiduePolicy policy, CancellationToken cancellationToken)
    {
        if (!output.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"the last name is the NumPy file to write and ends in .npy; {output} does not.");
        }

        using ClssEmbedder embedder = ModelOption.Load(session, model);
        RecordInput input = RecordInput.Open(inputs, new FastaOptions { Policy = policy }, PolicyOption.OfStructures(policy));
        bool structures = (modality ?? (input.HasStructures ? Modality.Structure : Modality.Sequence)) == Modality.Structure;
        if (!noAdapter && !(structures ? embedder.HasStructureAdapter : embedder.HasAdapter))
        {
            throw new UsageException($"the model {embedder.Name} has no adapter for {(structures ? "structures" : "sequences")} into the common space; --no-adapter writes its pooled embeddings.");
        }

        Forecast.Show(session, embedder, structures);
        IngestReport report;
        using (var progress = new IngestLine(session, "embed"))
        {
            report = await new EmbeddingWriter(embedder, new EmbeddingOptions { Pooled = noAdapter, Ingest = new IngestOptions { Modalities = modality is null ? null : [modality.Value] } }).WriteAsync(input, output, progress, cancellationToken);
        }

        IngestSummary.Write(session, report, "vectors", output);
        new RunManifest()
            .With("model", ("name", embedder.Name), ("fingerprint", structures ? embedder.StructureFingerprint : embedder.Fingerprint))
            .With("parameters", ("inputs", inputs), ("modality", structures ? "structure" : (modality ?? Modality.Sequence).ToName()), ("no_adapter", noAdapter), ("policy", policy.ToString().ToLowerInvariant()))
            .With("counts", ("rows", report.Rows), ("skipped", report.RejectedCount))
            .Write(output, "embed", session.Started);
        return session.Finish(report.RejectedCount);
    }
}

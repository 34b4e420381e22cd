using System.CommandLine;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Sources;

namespace Clss.Cli.Commands;

/// <summary><c>clss embed INPUT... OUT</c>: vectors for other programs, as <c>.npy</c>, <c>.tsv</c> or <c>.safetensors</c>.</summary>
internal static class EmbedCommand
{
    public static Command Create(GlobalOptions global)
    {
        var paths = new Argument<string[]>("INPUT... OUT")
        {
            Description = "FASTA files, structures, folders, archives or -; last, the file to write: .npy, .tsv or .safetensors (OUT.ids.tsv beside it names the rows).",
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
        var perResidue = new Option<bool>("--per-residue") { Description = "Write the states of every residue, [L, d], before pooling and adapter." };
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var policy = new PolicyOption();
        var command = new Command("embed") { paths, modality, noAdapter, perResidue, model };
        policy.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string[] names = parse.GetValue(paths)!;
            Modality? wanted = parse.GetValue(modality) is string text && ModalityNames.TryParse(text, out Modality known) ? known : null;
            return RunAsync(
                session,
                new EmbedRequest(names[..^1], names[^1], parse.GetValue(model), wanted, parse.GetValue(noAdapter), parse.GetValue(perResidue), policy.Read(parse)),
                cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(Session session, EmbedRequest request, CancellationToken cancellationToken)
    {
        string output = request.Output;
        if (!VectorFile.IsKnown(output))
        {
            throw new UsageException($"the last name is the file to write and ends in {string.Join(", ", VectorFile.Endings)}; {output} does not.");
        }

        using ClssEmbedder embedder = ModelOption.Load(session, request.Model);
        RecordInput input = RecordInput.Open(request.Inputs, new FastaOptions { Policy = request.Policy }, PolicyOption.OfStructures(request.Policy));
        Modality? modality = request.Modality;
        bool structures = (modality ?? (input.HasStructures ? Modality.Structure : Modality.Sequence)) == Modality.Structure;
        bool beforeAdapter = request.NoAdapter || request.PerResidue;
        if (!beforeAdapter && !(structures ? embedder.HasStructureAdapter : embedder.HasAdapter))
        {
            throw new UsageException($"the model {embedder.Name} has no adapter for {(structures ? "structures" : "sequences")} into the common space; --no-adapter writes its pooled embeddings.");
        }

        Forecast.Show(session, embedder, structures);
        var options = new EmbeddingOptions
        {
            Pooled = request.NoAdapter,
            PerResidue = request.PerResidue,
            Ingest = new IngestOptions { Modalities = modality is null ? null : [modality.Value] },
        };
        IngestReport report;
        using (var progress = new IngestLine(session, "embed"))
        {
            report = await new EmbeddingWriter(embedder, options).WriteAsync(input, output, progress, cancellationToken);
        }

        IngestSummary.Write(session, report, request.PerResidue ? "residues" : "vectors", output);
        new RunManifest()
            .With("model", ("name", embedder.Name), ("fingerprint", structures ? embedder.StructureFingerprint : embedder.Fingerprint))
            .With("parameters", ("inputs", request.Inputs), ("modality", structures ? "structure" : (modality ?? Modality.Sequence).ToName()),
                ("no_adapter", request.NoAdapter), ("per_residue", request.PerResidue), ("policy", request.Policy.ToString().ToLowerInvariant()))
            .With("counts", ("rows", report.Rows), ("skipped", report.RejectedCount))
            .Write(output, "embed", session.Started);
        return session.Finish(report.RejectedCount);
    }

    private sealed record EmbedRequest(
        string[] Inputs, string Output, string? Model, Modality? Modality, bool NoAdapter, bool PerResidue, ResiduePolicy Policy);
}

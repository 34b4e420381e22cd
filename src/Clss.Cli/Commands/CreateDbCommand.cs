using System.CommandLine;
using Clss.Embedder;

namespace Clss.Cli.Commands;

/// <summary><c>clss createdb INPUT... DB</c>: options to a <see cref="CreateDbRun"/>.</summary>
internal static class CreateDbCommand
{
    public static Command Create(GlobalOptions global)
    {
        var paths = new Argument<string[]>("INPUT... DB")
        {
            Description = "FASTA files and structures (PDB, mmCIF, BinaryCIF; FILE:CHAIN/RANGE), compressed or not, folders, tar and zip archives, - for standard input; last, the database folder to make.",
            Arity = ArgumentArity.OneOrMore,
        };
        var vectors = new Option<string?>("--vectors") { Description = "Store these ready vectors (.npy, [n, d] float32) instead of embedding sequences.", HelpName = "V.npy" };
        var metadata = new Option<string?>("--metadata") { Description = "With --vectors: a table whose first column is the key, the rest metadata.", HelpName = "M.tsv" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a database that was made from other inputs." };
        var index = new IndexOptionSet();
        var storage = new StorageOption();
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var modality = new Option<string?>("--modality")
        {
            Description = "How to embed: sequence, structure, both, or segment (sequences that are pieces of domains). Default: sequences as such, structures both ways.",
            HelpName = "M",
        };
        modality.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<string?>() is not string name || name == "both" || ModalityNames.TryParse(name, out _),
            result, "--modality wants sequence, structure, both or segment."));
        var policy = new PolicyOption();
        var command = new Command("createdb") { paths, vectors, metadata, overwrite, model, modality };
        policy.AddTo(command);
        index.AddTo(command);
        storage.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string[] names = parse.GetValue(paths)!;
            var run = new CreateDbRun
            {
                Inputs = names[..^1],
                Database = names[^1],
                Vectors = parse.GetValue(vectors),
                Metadata = parse.GetValue(metadata),
                Model = parse.GetValue(model),
                Policy = policy.Read(parse),
                Overwrite = parse.GetValue(overwrite),
                Index = index.Read(parse),
                Storage = storage.Read(parse),
                Modalities = ReadModalities(parse.GetValue(modality)),
            };
            Check(run);
            return session.Finish(run.Vectors is null ? await run.EmbedAsync(session, cancellationToken) : run.Store(session, cancellationToken));
        });
        return command;
    }

    private static Modality[]? ReadModalities(string? name) => name switch
    {
        null => null,
        "both" => [Modality.Sequence, Modality.Structure],
        _ => ModalityNames.TryParse(name, out Modality modality) ? [modality] : null,
    };

    private static void Check(CreateDbRun run)
    {
        if (run.Vectors is null && run.Inputs.Count == 0)
        {
            throw new UsageException($"name the sequences and, last, the database: clss createdb INPUT... DB. Only {run.Database} was given.");
        }

        if (run.Vectors is not null && run.Inputs.Count > 0)
        {
            throw new UsageException($"--vectors stores ready vectors; it takes no sequences beside them ({string.Join(", ", run.Inputs)}).");
        }

        if (run.Vectors is null && run.Metadata is not null)
        {
            throw new UsageException("--metadata goes with --vectors; sequences bring their metadata in their headers.");
        }
    }
}

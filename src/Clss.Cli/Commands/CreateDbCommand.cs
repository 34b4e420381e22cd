using System.CommandLine;

namespace Clss.Cli.Commands;

/// <summary><c>clss createdb INPUT... DB</c>: options to a <see cref="CreateDbRun"/>.</summary>
internal static class CreateDbCommand
{
    public static Command Create(GlobalOptions global)
    {
        var paths = new Argument<string[]>("INPUT... DB")
        {
            Description = "FASTA files (plain, gzip, zstd, bzip2), folders or - for standard input; last, the database folder to make.",
            Arity = ArgumentArity.OneOrMore,
        };
        var vectors = new Option<string?>("--vectors") { Description = "Store these ready vectors (.npy, [n, d] float32) instead of embedding sequences.", HelpName = "V.npy" };
        var metadata = new Option<string?>("--metadata") { Description = "With --vectors: a table whose first column is the key, the rest metadata.", HelpName = "M.tsv" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a database that was made from other inputs." };
        Option<string?> model = ModelOption.Create("the built-in clss-mini");
        var policy = new PolicyOption();
        var command = new Command("createdb") { paths, vectors, metadata, overwrite, model };
        policy.AddTo(command);
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
            };
            Check(run);
            return session.Finish(run.Vectors is null ? await run.EmbedAsync(session, cancellationToken) : run.Store(session, cancellationToken));
        });
        return command;
    }

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

using System.CommandLine;
using Clss.Embedder;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>clss search</c> and <c>clss easy-search</c>: options to a <see cref="SearchRun"/>.</summary>
internal static class SearchCommand
{
    public static Command Create(GlobalOptions global)
    {
        var target = new Argument<string>("DB") { Description = "A database folder, or its name in CLSS_DATA_DIR." };
        return Create(global, "search", target, temporary: null);
    }

    public static Command CreateEasy(GlobalOptions global)
    {
        var target = new Argument<string>("DB") { Description = "A database, or sequences or structures to make one of for this search." };
        var temporary = new Argument<string?>("TMP")
        {
            Description = "A folder for the database made for this search (default: the system's).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return Create(global, "easy-search", target, temporary);
    }

    private static Command Create(GlobalOptions global, string name, Argument<string> target, Argument<string?>? temporary)
    {
        var query = new Argument<string>("QUERY") { Description = "Sequences or structures (files, compressed or not; FILE:CHAIN/RANGE; folders, archives; -), a database, or vectors (.npy)." };
        var output = new Argument<string>("OUT")
        {
            Description = "The table to write; - is standard output; a name without extension makes a result database (see convertalis).",
        };
        var options = new SearchOptionSet();
        var command = new Command(name) { query, target, output };
        if (temporary is not null)
        {
            command.Arguments.Add(temporary);
        }

        options.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            SearchRun run = options.Read(parse) with
            {
                Command = name,
                Query = parse.GetValue(query)!,
                Output = parse.GetValue(output)!,
            };
            string database = parse.GetValue(target)!;
            return temporary is null || DatabasePath.IsDatabase(database)
                ? run.ExecuteAsync(session, DatabasePath.Find(database), cancellationToken)
                : SearchRawAsync(session, run, database, parse.GetValue(temporary), cancellationToken);
        });
        return command;
    }

    private static async Task<int> SearchRawAsync(Session session, SearchRun run, string target, string? temporary, CancellationToken cancellationToken)
    {
        if (!Path.Exists(target) && target != "-" && target.AsSpan().IndexOfAny("*?@:") < 0)
        {
            DatabasePath.Find(target); // says what there is instead
        }

        string folder = Path.Combine(temporary ?? Path.GetTempPath(), $"clss-easy-search-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(folder);
        try
        {
            string database = Path.Combine(folder, "targets");
            var create = new CreateDbRun { Inputs = [target], Database = database, Model = run.Model, Policy = run.Policy, SkipReport = run.SkipReportOf("targets") };
            long skipped = await create.EmbedAsync(session, cancellationToken);
            int status = await run.ExecuteAsync(session, database, cancellationToken);
            return status == ExitCode.Done ? session.Finish(skipped) : status;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

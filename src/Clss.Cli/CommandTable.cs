using System.CommandLine;
using System.CommandLine.Help;
using Clss.Cli.Commands;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Query;

namespace Clss.Cli;

/// <summary>Every command with its sentence and its example; the root of <c>clss</c>.</summary>
internal static class CommandTable
{
    private const string Description = """
        Search protein space: sequences as 32-D vectors in which near means related (CLSS).

        Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted (the same command resumes).
        """;

    /// <summary>One row per command.</summary>
    internal static IEnumerable<CommandRow> Rows(GlobalOptions global) =>
    [
        new("demo", "Build a small database of real domains, search it and show what comes out.",
            "clss demo", () => DemoCommand.Create(global)),
        new("easy-search", "Search sequences in a database or in another FASTA file, in one step.",
            "clss easy-search proteome.fasta domains.fasta hits.tsv", () => SearchCommand.CreateEasy(global)),
        new("search", "Search sequences, a database or vectors in a database.",
            "clss search proteome.fasta domains hits.tsv -k 10 --where \"length > 80\"", () => SearchCommand.Create(global)),
        new("createdb", "Embed sequences into a database; the same command resumes an interrupted run.",
            "clss createdb ecod.fasta.gz ecod", () => CreateDbCommand.Create(global)),
        new("embed", "Write the vectors of sequences to a NumPy file.",
            "clss embed proteome.fasta vectors.npy", () => EmbedCommand.Create(global)),
        new("score", "Compare the records of two inputs, each with each, in every pair of modalities.",
            "clss score a.fasta b.cif:A/20-120", () => ScoreCommand.Create(global)),
        new("evaluate", "Measure a model: how often the nearest of labelled domains is a relative.",
            "clss evaluate domains-scope40 --model clss-mini -o figures.json", () => EvaluateCommand.Create(global)),
        new("convertalis", "Write a result database as a table.",
            "clss convertalis hits hits.m8 --format-output query,target,similarity", () => ConvertAlisCommand.Create(global)),
        new("db", "Look into databases: info, verify, check, tune, export, list.",
            "clss db info domains", () => DbCommand.Create(global)),
        new("models", "List, download, import and check models.",
            "clss models get CLSS-sub", () => ModelsCommand.Create(global)),
        new("doctor", "Check this machine: processor, memory, models, disk.",
            "clss doctor", () => DoctorCommand.Create(global)),
    ];

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var global = new GlobalOptions();
        RootCommand root = CreateRoot(global);
        ParseResult parse = root.Parse(args);
        if (parse.Errors.Count > 0 && parse.Action is not (HelpWithExample or HelpAction))
        {
            return ReportUsage(parse);
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Interruption handles signals
        };
        Session session = global.Read(parse);
        try
        {
            return await parse.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            session.Messages.Error("interrupted. What was finished is kept; the same command goes on from there.");
            return ExitCode.Interrupted;
        }
        catch (UsageException exception)
        {
            session.Messages.Error(exception.Message);
            return ExitCode.WrongUsage;
        }
        catch (Exception exception) when (exception is ClssIndexException or ClssEmbedderException or ClssIngestException
            or ClssQueryException or IOException or UnauthorizedAccessException)
        {
            session.Messages.Error(exception.Message);
            session.Messages.Detail(exception.ToString());
            return ExitCode.Failed;
        }
        catch (OutOfMemoryException)
        {
            session.Messages.Error("out of memory. Use fewer threads (--threads), or split the input; finished work is kept.");
            return ExitCode.Failed;
        }
        catch (Exception exception)
        {
            session.Messages.Error($"{exception.GetType().Name}: {exception.Message} This is a fault of the program: please report it with the command and what -v 3 adds.");
            session.Messages.Detail(exception.ToString());
            return ExitCode.Failed;
        }
    }

    internal static RootCommand CreateRoot(GlobalOptions global)
    {
        var root = new RootCommand(Description);
        global.AddTo(root);
        foreach (CommandRow row in Rows(global))
        {
            Command command = row.Create();
            command.Description = row.Sentence;
            AddExample(command, row.Example);
            root.Subcommands.Add(command);
        }

        return root;
    }

    private static void AddExample(Command command, string example)
    {
        HelpOption? help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
        {
            help = new HelpOption();
            command.Options.Add(help);
        }

        help.Action = new HelpWithExample((HelpAction)help.Action!, example);
    }

    private static int ReportUsage(ParseResult parse)
    {
        foreach (System.CommandLine.Parsing.ParseError error in parse.Errors)
        {
            Console.Error.WriteLine($"error: {error.Message}");
        }

        // The parser's own "did you mean" looks at all of the command line; a mistyped command is the common case.
        if (parse.CommandResult.Command is RootCommand root && parse.UnmatchedTokens.Count > 0)
        {
            string? near = Suggestion.Nearest(parse.UnmatchedTokens[0], root.Subcommands.Select(command => command.Name));
            if (near is not null)
            {
                Console.Error.WriteLine($"Did you mean 'clss {near}'?");
            }
        }

        string name = parse.CommandResult.Command is RootCommand ? "clss" : $"clss {CommandPath(parse)}";
        Console.Error.WriteLine($"See '{name} --help'.");
        return ExitCode.WrongUsage;
    }

    private static string CommandPath(ParseResult parse)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? result = parse.CommandResult; result is not null; result = result.Parent)
        {
            if (result is System.CommandLine.Parsing.CommandResult { Command: not RootCommand } command)
            {
                names.Push(command.Command.Name);
            }
        }

        return string.Join(' ', names);
    }
}

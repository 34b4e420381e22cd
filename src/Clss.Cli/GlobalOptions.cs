using System.CommandLine;
using Clss.Cli.Output;

namespace Clss.Cli;

/// <summary>The options that every command takes.</summary>
internal sealed class GlobalOptions
{
    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Processor threads to use (default: all).",
        HelpName = "N",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Write JSON lines instead of tables.",
        Recursive = true,
    };

    public Option<int> Verbosity { get; } = new("-v", "--verbosity")
    {
        Description = "0 errors, 1 and warnings, 2 and messages (default), 3 and details.",
        HelpName = "0..3",
        DefaultValueFactory = _ => 2,
        Recursive = true,
    };

    public Option<bool> NoProgress { get; } = new("--no-progress")
    {
        Description = "Show no progress line.",
        Recursive = true,
    };

    public Option<bool> Strict { get; } = new("--strict")
    {
        Description = "A skipped record makes the exit status 1.",
        Recursive = true,
    };

    public GlobalOptions()
    {
        Threads.Validators.Add(result => Require(result.GetValueOrDefault<int>() >= 0, result, "--threads wants 0 (all) or more."));
        Verbosity.Validators.Add(result => Require(result.GetValueOrDefault<int>() is >= 0 and <= 3, result, "-v wants a number from 0 to 3."));
    }

    public void AddTo(RootCommand root)
    {
        root.Options.Add(Threads);
        root.Options.Add(Json);
        root.Options.Add(Verbosity);
        root.Options.Add(NoProgress);
        root.Options.Add(Strict);
    }

    public Session Read(ParseResult parse)
    {
        int verbosity = parse.GetValue(Verbosity);
        return new Session
        {
            Threads = parse.GetValue(Threads),
            Json = parse.GetValue(Json),
            Strict = parse.GetValue(Strict),
            Messages = new Messages(Console.Error, verbosity),
            ShowProgress = !parse.GetValue(NoProgress) && verbosity >= 2,
        };
    }

    internal static void Require(bool condition, System.CommandLine.Parsing.SymbolResult result, string message)
    {
        if (!condition)
        {
            result.AddError(message);
        }
    }
}

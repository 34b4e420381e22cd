using System.CommandLine;
using Clss.Cli.Output;

namespace Clss.Cli.Commands;

/// <summary><c>--format-output</c> and <c>--format-mode</c>, as MMseqs2 and Foldseek call them.</summary>
internal sealed class TableFormatOptions
{
    private readonly Option<string?> _columns = new("--format-output")
    {
        Description = "Comma-separated columns to write, in this order (default: all).",
        HelpName = "NAMES",
    };

    private readonly Option<int?> _mode = new("--format-mode")
    {
        Description = "0 table without a header line (the default for *.m8), 4 with one.",
        HelpName = "0|4",
    };

    public TableFormatOptions() => _mode.Validators.Add(result => GlobalOptions.Require(
        result.GetValueOrDefault<int?>() is null or 0 or 4, result, "--format-mode wants 0 (no header line) or 4 (header line)."));

    public void AddTo(Command command)
    {
        command.Options.Add(_columns);
        command.Options.Add(_mode);
    }

    public TableFormat Read(ParseResult parse) => new(parse.GetValue(_columns), parse.GetValue(_mode));
}

using System.CommandLine;
using Clss.Ingest.Formats.Fasta;

namespace Clss.Cli.Commands;

/// <summary><c>--policy default|reference</c>: how letters of a sequence are taken (docs/formats/fasta.md).</summary>
internal sealed class PolicyOption
{
    private readonly Option<string> _option = new("--policy")
    {
        Description = "default: lower case means upper case, gaps and the final * are dropped; reference: letters exactly as the original program takes them.",
        HelpName = "default|reference",
        DefaultValueFactory = _ => "default",
    };

    public PolicyOption() => _option.AcceptOnlyFromAmong("default", "reference");

    public void AddTo(Command command) => command.Options.Add(_option);

    public ResiduePolicy Read(ParseResult parse) =>
        parse.GetValue(_option) == "reference" ? ResiduePolicy.Reference : ResiduePolicy.Default;
}

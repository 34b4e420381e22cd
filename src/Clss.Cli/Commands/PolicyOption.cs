using System.CommandLine;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Structures;

namespace Clss.Cli.Commands;

/// <summary><c>--policy default|reference</c>: how letters of a sequence and atoms of a structure are taken (docs/formats/fasta.md, docs/formats/structures.md).</summary>
internal sealed class PolicyOption
{
    private readonly Option<string> _option = new("--policy")
    {
        Description = "default: what a user expects (lower case read as capitals, MSE read as M, every chain); reference: letters and atoms exactly as the original program takes them.",
        HelpName = "default|reference",
        DefaultValueFactory = _ => "default",
    };

    public PolicyOption() => _option.AcceptOnlyFromAmong("default", "reference");

    public void AddTo(Command command) => command.Options.Add(_option);

    /// <summary>The policy of the same name for structures.</summary>
    public static StructurePolicy OfStructures(ResiduePolicy policy) =>
        policy == ResiduePolicy.Reference ? StructurePolicy.Reference : StructurePolicy.Default;

    public ResiduePolicy Read(ParseResult parse) =>
        parse.GetValue(_option) == "reference" ? ResiduePolicy.Reference : ResiduePolicy.Default;
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Clss.Cli.Output;

/// <summary>The usual help text with a runnable example below it.</summary>
internal sealed class HelpWithExample(HelpAction usual, string example) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int status = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Example:");
        output.WriteLine($"  {example}");
        output.WriteLine();
        return status;
    }
}

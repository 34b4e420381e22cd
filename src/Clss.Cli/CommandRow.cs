using System.CommandLine;

namespace Clss.Cli;

/// <summary>A row of the command table: the name typed, one sentence, and an example that runs.</summary>
internal sealed record CommandRow(string Name, string Sentence, string Example, Func<Command> Create);

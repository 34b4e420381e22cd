namespace Clss.Cli;

/// <summary>What the process returns; documented in the README and in <c>clss --help</c>.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int Interrupted = 130;
}

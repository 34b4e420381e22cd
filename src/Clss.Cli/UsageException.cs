namespace Clss.Cli;

/// <summary>The command line asks for something that has no meaning: exit status 2.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }
}

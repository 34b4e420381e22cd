namespace Clss.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var interruption = new Interruption();
        return await CommandTable.RunAsync(args, interruption.Token);
    }
}

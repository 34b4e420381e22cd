namespace Clss.AnnBenchmark;

/// <summary>The command line or the environment asks for something that cannot be done.</summary>
internal sealed class UsageException(string message) : Exception(message);

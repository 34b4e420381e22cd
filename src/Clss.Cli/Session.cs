using Clss.Cli.Output;

namespace Clss.Cli;

/// <summary>What a command knows of the run it is part of.</summary>
internal sealed record Session
{
    /// <summary>Processor threads; 0 means all.</summary>
    public required int Threads { get; init; }

    /// <summary>JSON lines in place of tables.</summary>
    public required bool Json { get; init; }

    /// <summary>Whether skipped records make the run a failure.</summary>
    public required bool Strict { get; init; }

    /// <summary>Standard error, by verbosity.</summary>
    public required Messages Messages { get; init; }

    /// <summary>Whether long work shows how far it is.</summary>
    public required bool ShowProgress { get; init; }

    /// <summary>When the run began.</summary>
    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>The exit status of a run that finished and skipped <paramref name="skipped"/> records.</summary>
    public int Finish(long skipped) => Strict && skipped > 0 ? ExitCode.Failed : ExitCode.Done;
}

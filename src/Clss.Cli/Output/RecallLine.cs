using Clss.Index.Evaluation;

namespace Clss.Cli.Output;

/// <summary>Shows a measurement of recall as a progress line.</summary>
internal sealed class RecallLine(Session session, string verb) : IProgress<RecallProgress>, IDisposable
{
    private readonly ProgressLine _line = new(session, verb);

    public void Report(RecallProgress value) => _line.Report(value.Done, (double?)value.Done / value.Total, value.Total, skipped: 0);

    public void Dispose() => _line.Dispose();
}

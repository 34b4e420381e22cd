using Clss.Query.Evaluation;

namespace Clss.Cli.Output;

/// <summary>Shows an evaluation as a progress line.</summary>
internal sealed class EvaluationLine(Session session) : IProgress<EvaluationProgress>, IDisposable
{
    private readonly ProgressLine _line = new(session, "embed");

    public void Report(EvaluationProgress value) => _line.Report(value.Vectors, (double)value.Vectors / value.Total, value.Total, skipped: 0);

    public void Dispose() => _line.Dispose();
}

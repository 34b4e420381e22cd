using Clss.Ingest;

namespace Clss.Cli.Output;

/// <summary>Shows an ingest as a progress line.</summary>
internal sealed class IngestLine(Session session, string verb) : IProgress<IngestProgress>, IDisposable
{
    private readonly ProgressLine _line = new(session, verb);

    public void Report(IngestProgress value) => _line.Report(value.Records, value.Fraction, total: null, value.Rejected);

    public void Dispose() => _line.Dispose();
}

using System.Globalization;
using Clss.Ingest;

namespace Clss.Cli.Output;

/// <summary>What an ingest did, in a few lines.</summary>
internal static class IngestSummary
{
    private const int ShownRejections = 3;

    /// <summary>Writes the remarks, the skipped records and the counts.</summary>
    /// <param name="session">The run.</param>
    /// <param name="report">What was done.</param>
    /// <param name="noun">What the rows are called.</param>
    /// <param name="output">Where they went.</param>
    public static void Write(Session session, IngestReport report, string noun, string output)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        foreach (InputNote note in report.Notes)
        {
            session.Messages.Warning(note.ToString());
        }

        foreach (RejectedRecord rejected in report.FirstRejected.Take(ShownRejections))
        {
            session.Messages.Detail($"skipped {rejected}");
        }

        if (report.RejectedCount > 0)
        {
            string reasons = string.Join(", ", report.Rejected.Select(pair => string.Create(culture, $"{pair.Value:N0} {pair.Key}")));
            session.Messages.Warning(string.Create(culture, $"{report.RejectedCount:N0} skipped ({reasons}){(report.SkipReportPath is null ? "" : $"; listed in {report.SkipReportPath}")}"));
        }

        if (report.AlreadyComplete)
        {
            session.Messages.Info(string.Create(culture, $"{output} is complete already: {report.Rows:N0} {noun}. (--overwrite makes it anew.)"));
            return;
        }

        string resumed = report.ResumedRecords > 0 ? string.Create(culture, $", {report.ResumedRecords:N0} records of them by an earlier run") : "";
        double rate = report.Elapsed.TotalSeconds > 0 ? report.Residues / report.Elapsed.TotalSeconds : 0;
        string speed = report.Residues > 0 ? string.Create(culture, $", {rate:N0} residues/s") : "";
        session.Messages.Info(string.Create(culture, $"{report.Rows:N0} {noun} in {output}{resumed}; {report.Elapsed.TotalSeconds:0.0} s{speed}"));
    }
}

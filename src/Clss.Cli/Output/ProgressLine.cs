using System.Globalization;

namespace Clss.Cli.Output;

/// <summary>
/// How far long work is: one line redrawn on a terminal, one plain line every 30 s elsewhere.
/// <c>embed 12,431/20,594  60%  38/s  ETA 3m34s  skipped 7  mem 2.1/8.0 GB</c>
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private readonly Session _session;
    private readonly string _verb;
    private readonly Lock _lock = new();
    private readonly StandingLine _line;
    private long _first = -1;
    private double _firstFraction;

    public ProgressLine(Session session, string verb)
    {
        _session = session;
        _verb = verb;
        _line = new StandingLine(session);
    }

    /// <summary>Shows the state if it is time to.</summary>
    /// <param name="done">Records done, those of an earlier run included.</param>
    /// <param name="fraction">The share of all work that is done, 0 to 1, where it is known.</param>
    /// <param name="total">All records, where they were counted.</param>
    /// <param name="skipped">Records not taken.</param>
    public void Report(long done, double? fraction, long? total, long skipped)
    {
        if (!_session.ShowProgress)
        {
            return;
        }

        // Small inputs are read at once: that all of one was read says nothing about the work that is left.
        double? share = fraction < 1 ? fraction : null;
        lock (_lock)
        {
            if (_first < 0)
            {
                // What an earlier run did says nothing about this run's rate.
                _first = done;
                _firstFraction = share ?? 0;
            }

            _line.Show(elapsed => Format(_verb, done, done - _first, share, total, skipped, elapsed, _firstFraction));
        }
    }

    public void Dispose() => _line.Dispose();

    internal static string Format(
        string verb, long done, long doneNow, double? fraction, long? total, long skipped, TimeSpan elapsed, double firstFraction = 0)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var parts = new List<string> { total is long all ? string.Create(culture, $"{verb} {done:N0}/{all:N0}") : string.Create(culture, $"{verb} {done:N0}") };
        if (fraction is double share)
        {
            parts.Add(string.Create(culture, $"{Math.Clamp(share, 0, 1):P0}").Replace(" ", "", StringComparison.Ordinal));
        }

        double rate = doneNow / Math.Max(elapsed.TotalSeconds, 1e-3);
        parts.Add(string.Create(culture, $"{(rate >= 100 ? rate.ToString("N0", culture) : rate.ToString("0.#", culture))}/s"));
        if (fraction is < 1 && fraction > firstFraction && doneNow > 0)
        {
            parts.Add($"ETA {Duration(elapsed * ((1 - fraction.Value) / (fraction.Value - firstFraction)))}");
        }

        parts.Add(string.Create(culture, $"skipped {skipped:N0}"));
        double used = Environment.WorkingSet / 1e9;
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        parts.Add(string.Create(culture, $"mem {used:0.0}/{available:0.0} GB"));
        return string.Join("  ", parts);
    }

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalHours: >= 1 } => $"{(int)time.TotalHours}h{time.Minutes:00}m",
        { TotalMinutes: >= 1 } => $"{time.Minutes}m{time.Seconds:00}s",
        _ => $"{time.Seconds}s",
    };
}

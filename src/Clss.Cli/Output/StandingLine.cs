using System.Diagnostics;

namespace Clss.Cli.Output;

/// <summary>The line that tells how far long work is: redrawn in its place on a terminal, a plain line every 30 s elsewhere.</summary>
internal sealed class StandingLine(Session session) : IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(30);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown;

    /// <summary>Time since the beginning.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Shows what <paramref name="format"/> makes of the time since the beginning, if it is time to. Calls do not overlap.</summary>
    public void Show(Func<TimeSpan, string> format)
    {
        TimeSpan now = _clock.Elapsed;
        if (now - _shown < (_terminal ? TerminalInterval : PipeInterval))
        {
            return;
        }

        _shown = now;
        if (_terminal)
        {
            session.Messages.Stand(format(now));
        }
        else
        {
            session.Messages.Info(format(now));
        }
    }

    public void Dispose()
    {
        if (session.ShowProgress && _terminal)
        {
            session.Messages.Stand("");
        }
    }
}

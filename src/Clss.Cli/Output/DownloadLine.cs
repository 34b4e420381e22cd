using System.Diagnostics;
using System.Globalization;
using Clss.Embedder.Hub;

namespace Clss.Cli.Output;

/// <summary>How far a download is: <c>get 61.2/140.5 MB  44%  3.1 MB/s  ETA 25s</c>, and what it says on the way.</summary>
internal sealed class DownloadLine(Session session) : IProgress<DownloadProgress>, IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(30);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private TimeSpan _shown;
    private TimeSpan _begun;
    private long _first = -1;
    private long _last;

    public void Report(DownloadProgress value)
    {
        if (value.Note is { Length: > 0 } note)
        {
            session.Messages.Info(note);
        }

        if (!session.ShowProgress)
        {
            return;
        }

        lock (_lock)
        {
            TimeSpan now = _clock.Elapsed;
            if (_first < 0 || value.Bytes < _last)
            {
                // A new file, or one that begins again. What was there before says nothing about the speed.
                (_first, _begun) = (value.Bytes, now);
            }

            _last = value.Bytes;
            if (now - _shown < (_terminal ? TerminalInterval : PipeInterval))
            {
                return;
            }

            _shown = now;
            string line = Format(value, value.Bytes - _first, now - _begun);
            if (_terminal)
            {
                session.Messages.Stand(line);
            }
            else
            {
                session.Messages.Info(line);
            }
        }
    }

    public void Dispose()
    {
        if (session.ShowProgress && _terminal)
        {
            session.Messages.Stand("");
        }
    }

    private static string Format(DownloadProgress progress, long received, TimeSpan elapsed)
    {
        double rate = received / Math.Max(elapsed.TotalSeconds, 1e-3);
        string line = string.Create(CultureInfo.InvariantCulture, $"get {progress.Bytes / 1e6:0.0}");
        if (progress.TotalBytes is long total and > 0)
        {
            line += string.Create(CultureInfo.InvariantCulture, $"/{total / 1e6:0.0} MB  {100.0 * progress.Bytes / total:0}%  {rate / 1e6:0.0} MB/s");
            return rate > 0 ? line + string.Create(CultureInfo.InvariantCulture, $"  ETA {(total - progress.Bytes) / rate:0}s") : line;
        }

        return line + string.Create(CultureInfo.InvariantCulture, $" MB  {rate / 1e6:0.0} MB/s");
    }
}

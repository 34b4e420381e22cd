using System.Globalization;
using Clss.Embedder.Hub;

namespace Clss.Cli.Output;

/// <summary>How far a download is: <c>get 61.2/140.5 MB  44%  3.1 MB/s  ETA 25s</c>, and what it says on the way.</summary>
internal sealed class DownloadLine(Session session) : IProgress<DownloadProgress>, IDisposable
{
    private readonly StandingLine _line = new(session);
    private readonly Lock _lock = new();
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
            if (_first < 0 || value.Bytes < _last)
            {
                // A new file, or one that begins again. What was there before says nothing about the speed.
                (_first, _begun) = (value.Bytes, _line.Elapsed);
            }

            _last = value.Bytes;
            _line.Show(elapsed => Format(value, value.Bytes - _first, elapsed - _begun));
        }
    }

    public void Dispose() => _line.Dispose();

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

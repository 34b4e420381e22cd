using System.Globalization;
using Clss.Ingest.Formats.Tsv;

namespace Clss.Ingest;

/// <summary>Lists what was not taken, one row each: <c>source line id reason detail</c>. The file appears when it is complete, and only when it has rows.</summary>
public sealed class SkipReport : IDisposable
{
    private const string PartialSuffix = ".partial";
    private const int ShownLimit = 20;

    private readonly string? _path;
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<RejectedRecord> _first = [];
    private TsvWriter? _writer;

    /// <summary>Begins a report.</summary>
    /// <param name="path">The file; null to count only.</param>
    public SkipReport(string? path) => _path = path;

    /// <summary>How many rows there are, by reason.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>The first rows.</summary>
    public IReadOnlyList<RejectedRecord> First => _first;

    /// <summary>How many rows there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <exception cref="ClssIngestException">The file cannot be written.</exception>
    public void Add(RejectedRecord rejected)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        Count++;
        _counts[rejected.Reason] = _counts.GetValueOrDefault(rejected.Reason) + 1;
        if (_first.Count < ShownLimit)
        {
            _first.Add(rejected);
        }

        if (_path is null)
        {
            return;
        }

        Guard(() =>
        {
            if (_writer is null)
            {
                _writer = new TsvWriter(File.Create(_path + PartialSuffix));
                _writer.WriteRow("source", "line", "id", "reason", "detail");
            }

            _writer.WriteRow(rejected.Source, rejected.Line.ToString(CultureInfo.InvariantCulture), rejected.Id, rejected.Reason, rejected.Detail);
        });
    }

    /// <summary>Puts the file in its place, or removes that of an earlier run when there is nothing to report. Returns its path, or null.</summary>
    /// <exception cref="ClssIngestException">The file cannot be written.</exception>
    public string? Complete()
    {
        if (_path is null)
        {
            return null;
        }

        Guard(() =>
        {
            if (_writer is null)
            {
                File.Delete(_path);
                return;
            }

            _writer.Dispose();
            _writer = null;
            File.Move(_path + PartialSuffix, _path, overwrite: true);
        });
        return Count > 0 ? _path : null;
    }

    /// <summary>Drops an incomplete file.</summary>
    public void Dispose()
    {
        if (_writer is not null)
        {
            _writer.Dispose();
            _writer = null;
            File.Delete(_path + PartialSuffix);
        }
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClssIngestException($"{_path}: the list of skipped records cannot be written: {exception.Message}", exception);
        }
    }
}

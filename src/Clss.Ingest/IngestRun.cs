using System.Diagnostics;
using Clss.Embedder.Inputs;
using Clss.Ingest.Sources;

namespace Clss.Ingest;

/// <summary>
/// One pass over an input: everything is read from the beginning, what an earlier run dealt with is passed over without being
/// embedded, and what is new goes in batches to the sink. So a resumed run sees the same duplicates and rejections, writes the
/// same rows in the same order, and lists every skipped record.
/// </summary>
internal sealed class IngestRun : IDisposable
{
    // A commit may take this share of the time at most.
    private const int CommitCostRatio = 10;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly IVectorSink _sink;
    private readonly RecordInput _input;
    private readonly IngestOptions _options;
    private readonly IngestState _state;
    private readonly long _resumedRecords;
    private readonly string _resumedDigest;
    private readonly bool _trustStored;
    private readonly IProgress<IngestProgress>? _progress;
    private readonly SkipReport _skipped;
    private readonly RecordHasher _hasher = new();
    private readonly List<InputNote> _notes = [];
    private readonly List<DomainRecord> _batch = [];
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly Stopwatch _working = new();
    private long _batchTokens;
    private long _records;
    private long _residues;
    private long _writtenRecords;
    private string _writtenDigest;
    private long _committedRecords;
    private TimeSpan _lastCommit;
    private TimeSpan _commitCost;
    private TimeSpan _lastProgress;

    /// <param name="sink">Where the records go.</param>
    /// <param name="input">The records.</param>
    /// <param name="options">How.</param>
    /// <param name="state">What identifies this run; its counts are those of <paramref name="previous"/> from then on.</param>
    /// <param name="previous">The state of an interrupted run that is continued, or null.</param>
    /// <param name="progress">Is told how far it is.</param>
    public IngestRun(IVectorSink sink, RecordInput input, IngestOptions options, IngestState state, IngestState? previous, IProgress<IngestProgress>? progress)
    {
        _sink = sink;
        _input = input;
        _options = options;
        _state = state;
        _resumedRecords = previous?.Records ?? 0;
        _resumedDigest = previous?.Digest ?? "";
        _trustStored = previous is not null && previous.HasSameTimes(state);
        _progress = progress;
        _skipped = new SkipReport(options.SkipReportPath);
        _writtenRecords = _resumedRecords;
        _writtenDigest = _resumedDigest;
        _committedRecords = _resumedRecords;
    }

    public IngestReport Run(CancellationToken cancellationToken)
    {
        try
        {
            foreach (IngestItem item in _input.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(item, cancellationToken);
            }

            if (_records < _resumedRecords)
            {
                throw InputsChanged();
            }

            WriteBatch(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            Commit();
            throw;
        }

        string? skipReportPath = _skipped.Complete();
        if (_sink.Rows == 0)
        {
            throw new ClssIngestException(
                $"Nothing could be taken from {string.Join(", ", _input.Files.Take(3).Select(file => file.Path))}" +
                (_skipped.Count == 0 ? "." : $": {_skipped.Count:N0} were rejected, the first for this: {_skipped.First[0]}"));
        }

        Commit();
        ReportProgress(always: true);
        return Report(skipReportPath);
    }

    /// <summary>The state as of the last commit.</summary>
    public IngestState CommittedState =>
        _state with { Records = _writtenRecords, Digest = _writtenDigest, Rows = _sink.Rows, SideBytes = _sink.SideBytes };

    public void Dispose()
    {
        _skipped.Dispose();
        _hasher.Dispose();
    }

    private IngestReport Report(string? skipReportPath) => new()
    {
        Rows = _sink.Rows,
        ResumedRecords = _resumedRecords,
        Residues = _residues,
        Rejected = _skipped.Counts,
        FirstRejected = _skipped.First,
        Notes = _notes,
        SkipReportPath = skipReportPath,
        Elapsed = _elapsed.Elapsed,
    };

    private void Take(IngestItem item, CancellationToken cancellationToken)
    {
        if (item.Rejected is { } rejected)
        {
            _skipped.Add(rejected);
        }
        else if (item.Note is { } note)
        {
            _notes.Add(note);
        }
        else if (item.Record is { } record)
        {
            Take(record, cancellationToken);
        }
    }

    private void Take(DomainRecord record, CancellationToken cancellationToken)
    {
        RejectedRecord? unusable = _hasher.Add(record, _sink.UniqueKeys) ?? _sink.Reject(record);
        _records++;
        if (unusable is not null)
        {
            _skipped.Add(unusable);
        }

        if (_records == _resumedRecords && _hasher.Digest != _resumedDigest)
        {
            throw InputsChanged();
        }

        if (_records > _resumedRecords && unusable is null && !(_trustStored && _sink.Contains(record)))
        {
            _batch.Add(record);
            _batchTokens += record.Sequence.Residues.Length + 2;
        }

        if (_batchTokens >= _options.BatchTokens)
        {
            WriteBatch(cancellationToken);
            CommitWhenDue();
            ReportProgress(always: true);
        }

        ReportProgress(always: false);
    }

    private ClssIngestException InputsChanged() => new(
        $"The inputs are not those of the interrupted run ({_state.Inputs[0].Path} or another has changed within its first {_resumedRecords:N0} records). Start again with --overwrite.");

    private void WriteBatch(CancellationToken cancellationToken)
    {
        if (_batch.Count > 0)
        {
            _working.Start();
            _sink.Write(_batch, cancellationToken);
            _residues += _batch.Sum(record => (long)record.Sequence.Residues.Length);
            _batch.Clear();
            _batchTokens = 0;
            _working.Stop();
        }

        if (_records > _writtenRecords)
        {
            _writtenRecords = _records;
            _writtenDigest = _hasher.Digest;
        }
    }

    private void CommitWhenDue()
    {
        TimeSpan since = _elapsed.Elapsed - _lastCommit;
        if ((_writtenRecords - _committedRecords >= _options.CommitRecords || since >= _options.CommitInterval) && since >= _commitCost * CommitCostRatio)
        {
            Commit();
        }
    }

    // The rows first, then the state: a crash between them leaves rows that Contains finds.
    private void Commit()
    {
        TimeSpan begin = _elapsed.Elapsed;
        _working.Start();
        _sink.Commit();
        if (_options.StatePath is { } path)
        {
            CommittedState.Save(path);
        }

        _working.Stop();
        _committedRecords = _writtenRecords;
        _lastCommit = _elapsed.Elapsed;
        _commitCost = _lastCommit - begin;
    }

    private void ReportProgress(bool always)
    {
        TimeSpan now = _elapsed.Elapsed;
        if (_progress is null || (!always && now - _lastProgress < ProgressInterval))
        {
            return;
        }

        _lastProgress = now;
        _progress.Report(new IngestProgress
        {
            Records = _records < _resumedRecords ? _records : _writtenRecords,
            ResumedRecords = Math.Min(_records, _resumedRecords),
            Rejected = _skipped.Count,
            Residues = _residues,
            BytesRead = _input.BytesRead,
            TotalBytes = _input.TotalBytes,
            Elapsed = now,
            Working = _working.Elapsed,
        });
    }
}

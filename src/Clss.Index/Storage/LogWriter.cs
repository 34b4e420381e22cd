namespace Clss.Index.Storage;

/// <summary>Appends commits to the log of a generation.</summary>
internal sealed class LogWriter : IDisposable
{
    // Records are written out at about this size, so that a large commit needs no second copy of itself in memory.
    private const int WriteBytes = 1 << 20;

    private readonly WritableFile _file;
    private CommitMark _committed;

    private LogWriter(WritableFile file, CommitMark committed)
    {
        _file = file;
        _committed = committed;
    }

    /// <summary>Bytes of the log that are committed.</summary>
    public long Length => _committed.Length;

    /// <summary>Creates the empty log of a new generation, flushed.</summary>
    public static LogWriter Create(FileOperations operations, string path, long generation)
    {
        WritableFile file = operations.Create(path);
        try
        {
            var start = new byte[LogReader.RecordsStart];
            new SectionHeader { Kind = SectionKind.Log, ElementType = ElementType.Bytes, Generation = generation }.Write(start);
            var mark = new CommitMark(0, LogReader.RecordsStart);
            for (int i = 0; i < CommitMark.Marks; i++)
            {
                mark.Write(start.AsSpan((int)CommitMark.Offset(i)));
            }

            file.Write(start, 0);
            file.Flush();
            return new LogWriter(file, mark);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a log to append to it: cuts off what a crash left behind the last commit, and makes that commit durable and marked.</summary>
    public static LogWriter Open(FileOperations operations, string path, LogReader reader)
    {
        WritableFile file = operations.OpenExisting(path);
        try
        {
            var writer = new LogWriter(file, reader.Committed);
            if (reader.FileLength != reader.Committed.Length)
            {
                file.SetLength(reader.Committed.Length);
            }

            if (reader.FileLength != reader.Committed.Length || reader.Marks[CommitMark.Slot(reader.Committed.Number)] != reader.Committed)
            {
                file.Flush();
                writer.WriteMark(reader.Committed, CommitMark.Slot(reader.Committed.Number));
                file.Flush();
            }

            int other = CommitMark.Slot(reader.Committed.Number + 1);
            if (reader.Marks[other] is null)
            {
                writer.WriteMark(reader.Committed, other);
                file.Flush();
            }

            return writer;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes the changes durable. When this returns they are committed; when it throws, the log has been cut back to the commit before where that was possible.</summary>
    public void Commit(IEnumerable<LogChange> changes, RecentView recent)
    {
        var encoder = new LogRecordEncoder();
        long position = _committed.Length;
        try
        {
            foreach (LogChange change in changes)
            {
                encoder.Add(change, recent);
                if (encoder.Records.Length >= WriteBytes)
                {
                    _file.Write(encoder.Records, position);
                    position += encoder.Records.Length;
                    encoder.Clear();
                }
            }

            encoder.AddCommit(_committed.Number + 1);
            _file.Write(encoder.Records, position);
            position += encoder.Records.Length;
            _file.Flush();
        }
        catch
        {
            CutBack();
            throw;
        }

        var mark = new CommitMark(_committed.Number + 1, position);
        WriteMark(mark, CommitMark.Slot(mark.Number));
        _file.Flush();
        _committed = mark;
    }

    public void Dispose() => _file.Dispose();

    private void WriteMark(CommitMark mark, int slot)
    {
        Span<byte> bytes = stackalloc byte[CommitMark.Size];
        mark.Write(bytes);
        _file.Write(bytes, CommitMark.Offset(slot));
    }

    private void CutBack()
    {
        try
        {
            _file.SetLength(_committed.Length);
        }
        catch (IOException)
        {
            // The device refuses this too. What is left behind the mark is cut off when the log is next opened for writing.
        }
    }
}

using System.Buffers.Binary;

namespace Clss.Index.Storage;

/// <summary>Reads a log: finds how far it is committed, and applies the committed changes.</summary>
internal sealed class LogReader : IDisposable
{
    /// <summary>Where the records begin.</summary>
    public const int RecordsStart = SectionHeader.Size + (CommitMark.Marks * CommitMark.Size);

    private const int BufferBytes = 1 << 20;

    private readonly FileStream _stream;
    private readonly string _path;
    private byte[] _body = new byte[1 << 12];
    private long _length;
    private long _position;

    private LogReader(FileStream stream, string path)
    {
        _stream = stream;
        _path = path;
    }

    /// <summary>The marks as read; null where damaged.</summary>
    public CommitMark?[] Marks { get; } = new CommitMark?[CommitMark.Marks];

    /// <summary>The last commit that is whole.</summary>
    public CommitMark Committed { get; private set; }

    /// <summary>The length of the file when its marks had been read.</summary>
    public long FileLength => _length;

    /// <summary>Opens a log and finds its last commit. Throws <see cref="CorruptCollectionException"/> where acknowledged records cannot be read.</summary>
    public static LogReader Open(string path, long generation)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes);
        try
        {
            var reader = new LogReader(stream, path);
            reader.ReadStart(generation);
            reader.FindCommit();
            return reader;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The mark of the last commit, or null where none can be read. Reads no records.</summary>
    public static CommitMark? ReadLastMark(string path, long generation)
    {
        using var reader = new LogReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0), path);
        reader.ReadStart(generation);
        return reader.Marks.OrderByDescending(mark => mark?.Number).First();
    }

    /// <summary>Applies the committed changes in order.</summary>
    public void Apply(RowSet rows)
    {
        Seek(RecordsStart);
        while (_position < Committed.Length)
        {
            long offset = _position;
            if (!TryReadRecord(out ReadOnlySpan<byte> body))
            {
                throw new CorruptCollectionException(_path, $"record at byte {offset}", "The record changed while it was read.");
            }

            new LogRecordDecoder(_path, offset, body).Apply(rows);
        }
    }

    public void Dispose() => _stream.Dispose();

    private void ReadStart(long generation)
    {
        // A writer appends records, then the mark that covers them: read in the opposite order, the records of every mark are there.
        Span<byte> start = stackalloc byte[RecordsStart];
        int read = RandomAccess.Read(_stream.SafeFileHandle, start, 0);
        _length = _stream.Length;
        if (read < RecordsStart)
        {
            throw new CorruptCollectionException(_path, "length", $"Expected at least {RecordsStart} bytes, found {read}.");
        }

        SectionHeader header = SectionHeader.Read(start, _path, 0);
        if (header.Kind != SectionKind.Log || header.Generation != generation)
        {
            throw new CorruptCollectionException(_path, "section header at byte 0", $"Expected the log of generation {generation}, found {header.Kind} of {header.Generation}.");
        }

        for (int i = 0; i < CommitMark.Marks; i++)
        {
            Marks[i] = CommitMark.Read(start.Slice((int)CommitMark.Offset(i), CommitMark.Size));
        }
    }

    private void FindCommit()
    {
        long acknowledged = RecordsStart;
        foreach (CommitMark? mark in Marks)
        {
            acknowledged = Math.Max(acknowledged, mark?.Length ?? 0);
        }

        Committed = new CommitMark(0, RecordsStart);
        Seek(RecordsStart);
        while (TryReadRecord(out ReadOnlySpan<byte> body))
        {
            if (body[0] == (byte)LogRecordType.Commit && body.Length == 1 + sizeof(long))
            {
                Committed = new CommitMark(BinaryPrimitives.ReadInt64LittleEndian(body[1..]), _position);
            }
        }

        if (Committed.Length < acknowledged)
        {
            throw new CorruptCollectionException(
                _path,
                $"record at byte {_position}",
                $"The log was committed up to byte {acknowledged} and can be read up to byte {Committed.Length} only.");
        }
    }

    private void Seek(long position)
    {
        _stream.Position = position;
        _position = position;
    }

    /// <summary>Reads the next record; false at the end, or where the rest is no whole record. The position stays at the record that failed.</summary>
    private bool TryReadRecord(out ReadOnlySpan<byte> body)
    {
        body = default;
        Span<byte> prefix = stackalloc byte[LogRecordEncoder.PrefixBytes];
        if (_length - _position < prefix.Length || _stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length < 1 || length > _length - _position - prefix.Length)
        {
            return false;
        }

        if (length > _body.Length)
        {
            _body = new byte[Math.Max(length, (int)Math.Min(Array.MaxLength, _body.Length * 2L))];
        }

        Span<byte> bytes = _body.AsSpan(0, length);
        bool whole = _stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length
            && BinaryPrimitives.ReadUInt32LittleEndian(prefix[sizeof(int)..]) == LogRecordEncoder.Checksum(prefix[..sizeof(int)], bytes);
        if (whole)
        {
            body = bytes;
            _position += prefix.Length + length;
        }

        return whole;
    }
}

using System.Security.Cryptography;

namespace Clss.Embedder.Hub;

/// <summary>
/// The incomplete file of a download (<c>NAME.partial</c>) with its journal (<c>NAME.partial.json</c>) and the SHA-256 of its bytes so far.
/// Bytes are only ever appended, so whatever an interruption leaves is a prefix of the file.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int ReadBytes = 1 << 20;

    private readonly string _destination;
    private readonly string _journalPath;
    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private PartialFile(string destination, FileStream stream)
    {
        _destination = destination;
        _journalPath = PathFor(destination) + ".json";
        _stream = stream;
    }

    public long Length { get; private set; }

    /// <summary>How many bytes an earlier run had left and this one took over.</summary>
    public long ResumedFrom { get; private set; }

    /// <summary>The entity tag to send with <c>If-Range</c>, or null.</summary>
    public string? Validator { get; private set; }

    public static string PathFor(string destination) => destination + ".partial";

    /// <summary>Opens or creates the partial file of a destination; nothing is taken over until <see cref="Resume"/>.</summary>
    /// <exception cref="HubException">Another process writes it, or the folder can not be written.</exception>
    public static PartialFile Open(string destination)
    {
        string path = PathFor(destination);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(destination))!);
            return new PartialFile(
                destination, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, path, "written");
        }
    }

    /// <summary>Takes over the bytes of an earlier run when its journal says that they belong to the same content, else empties the file.</summary>
    public void Resume(string identity, long? size, CancellationToken cancellationToken)
    {
        PartialJournal? journal = Guard(() => PartialJournal.Read(_journalPath));
        bool isSame = journal is not null && identity.Length > 0 && journal.Identity == identity && journal.Size == size
            && (size is null || _stream.Length <= size);
        if (!isSame)
        {
            Reset();
            return;
        }

        byte[] buffer = new byte[ReadBytes];
        Guard(() => _stream.Seek(0, SeekOrigin.Begin));
        while (Guard(() => _stream.Read(buffer)) is > 0 and int count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(buffer, 0, count);
            Length += count;
        }

        ResumedFrom = Length;
        Validator = journal!.Validator;
    }

    /// <summary>Notes what the bytes that follow belong to.</summary>
    public void Announce(string identity, long? size, string? validator)
    {
        Validator = validator;
        Guard(() => new PartialJournal(identity, size, validator).Write(_journalPath));
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, PathFor(_destination), "written");
        }

        _hash.AppendData(bytes);
        Length += bytes.Length;
    }

    /// <summary>Forgets all bytes.</summary>
    public void Reset()
    {
        Guard(() =>
        {
            _stream.SetLength(0);
            File.Delete(_journalPath);
        });
        _ = _hash.GetHashAndReset();
        Length = 0;
        ResumedFrom = 0;
        Validator = null;
    }

    /// <summary>The SHA-256 of all bytes, 64 lower-case hexadecimal digits.</summary>
    public string CurrentSha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Flushes to the disk and gives the file its name, in place of any older one.</summary>
    public void Complete()
    {
        Guard(() =>
        {
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(PathFor(_destination), _destination, overwrite: true);
            File.Delete(_journalPath);
        });
    }

    public void Dispose()
    {
        _hash.Dispose();
        if (!_stream.CanWrite)
        {
            return;
        }

        bool isEmpty = _stream.Length == 0;
        _stream.Dispose();
        if (isEmpty)
        {
            Guard(() => File.Delete(PathFor(_destination)));
        }
    }

    private void Guard(Action action) => Guard(() =>
    {
        action();
        return true;
    });

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, PathFor(_destination), "used");
        }
    }
}

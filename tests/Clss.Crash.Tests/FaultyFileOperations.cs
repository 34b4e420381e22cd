using Clss.Index.Storage;

namespace Clss.Crash.Tests;

/// <summary>
/// Operations on files of which one fails: the n-th, and where the device is dead every one after it. A failed write may have written half.
/// Flushes are counted and failed but not carried out: no power is cut in these tests, and they are what takes the time.
/// </summary>
internal sealed class FaultyFileOperations : FileOperations
{
    private readonly int _failing;
    private readonly bool _staysDead;
    private readonly bool _writesHalf;
    private readonly long _room;
    private readonly Lock _gate = new();
    private long _written;

    public FaultyFileOperations(int failing, bool staysDead, bool writesHalf, long room = long.MaxValue)
    {
        _failing = failing;
        _staysDead = staysDead;
        _writesHalf = writesHalf;
        _room = room;
    }

    /// <summary>What has been done, in order; the names of files without their numbers.</summary>
    public List<string> Done { get; } = [];

    /// <summary>The operation that failed first.</summary>
    public string? Failed { get; private set; }

    /// <summary>True where the operation that failed came after its commit was complete on disk, though not acknowledged.</summary>
    public bool FailedAfterTheCommit
    {
        get
        {
            string before = _failing > 1 ? Done[_failing - 2] : "";
            bool isNewLog = _failing > 2 && Done[_failing - 3] == "create log";
            return Failed switch
            {
                // The manifest is in place and its folder is being flushed.
                "flush folder" => before == "replace MANIFEST",

                // The records have been flushed and their mark is being written or flushed.
                "mark log" => true,

                // On a dead device a commit whose last flush failed cannot be taken back either.
                "flush log" => before == "mark log" || (_staysDead && before == "write log" && !isNewLog),
                _ => false,
            };
        }
    }

    public override WritableFile Create(string path)
    {
        Do("create", path);
        return new FaultyFile(base.Create(path), this, path);
    }

    public override WritableFile OpenExisting(string path)
    {
        Do("open", path);
        return new FaultyFile(base.OpenExisting(path), this, path);
    }

    public override void Replace(string source, string destination)
    {
        Do("replace", destination);
        base.Replace(source, destination);
    }

    public override void Delete(string path)
    {
        Do("delete", path);
        base.Delete(path);
    }

    public override void FlushDirectory(string path)
    {
        Do("flush", "folder");
    }

    private string Do(string operation, string path, Action? half = null)
    {
        // A merge works in a thread of its own.
        lock (_gate)
        {
            string name = $"{operation} {Path.GetFileName(path).Split('-')[0]}";
            Done.Add(name);
            if (Done.Count == _failing || (_staysDead && Done.Count > _failing))
            {
                Failed ??= name;
                half?.Invoke();
                throw new IOException("Input/output error");
            }

            return name;
        }
    }

    private sealed class FaultyFile(WritableFile file, FaultyFileOperations owner, string path) : WritableFile(new Microsoft.Win32.SafeHandles.SafeFileHandle())
    {
        public override void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            byte[] first = bytes[..(bytes.Length / 2)].ToArray();
            string operation = path.Contains("log-", StringComparison.Ordinal) && offset > 0 && offset < LogReader.RecordsStart ? "mark" : "write";
            string done = owner.Do(operation, path, () =>
            {
                if (owner._writesHalf)
                {
                    file.Write(first, offset);
                }
            });
            if (Interlocked.Add(ref owner._written, bytes.Length) > owner._room)
            {
                owner.Failed ??= done;
                file.Write(first, offset);
                throw new IOException("No space left on device");
            }

            file.Write(bytes, offset);
        }

        public override void SetLength(long length)
        {
            owner.Do("cut", path);
            file.SetLength(length);
        }

        public override void Flush()
        {
            owner.Do("flush", path);
        }

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}

namespace Clss.Cli.Output;

/// <summary>
/// A result file that appears only when it is complete: written beside the target under another name, flushed to disk
/// and moved over it by <see cref="Complete"/>. Disposed without that, it leaves the target as it was.
/// <c>-</c> is standard output, which is written as it comes.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string? _target;
    private readonly string? _temporary;
    private readonly Stream _stream;
    private bool _complete;

    public AtomicFile(string path)
    {
        if (path == "-")
        {
            _stream = Console.OpenStandardOutput();
        }
        else
        {
            _target = Path.GetFullPath(path);
            if (Directory.Exists(_target))
            {
                throw new IOException($"{path} is a folder; name a file for the results.");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(_target)!);
            _temporary = $"{_target}.{Environment.ProcessId}.partial";
            _stream = new FileStream(_temporary, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }

        Writer = new StreamWriter(_stream, bufferSize: 1 << 16) { NewLine = "\n" };
    }

    /// <summary>The bytes, for files that are not text; use this or <see cref="Writer"/>.</summary>
    public Stream Stream => _stream;

    public StreamWriter Writer { get; }

    /// <summary>Flushes and, for a file, puts it in the target's place.</summary>
    public void Complete()
    {
        Writer.Flush();
        if (_stream is FileStream file)
        {
            file.Flush(flushToDisk: true);
        }

        Writer.Dispose();
        if (_temporary is not null)
        {
            File.Move(_temporary, _target!, overwrite: true);
        }

        _complete = true;
    }

    public void Dispose()
    {
        if (_complete)
        {
            return;
        }

        try
        {
            Writer.Dispose();
        }
        catch (IOException) when (_temporary is not null)
        {
            // What could not be flushed (a full disk) is of a file that is removed below; the first error is under way.
        }

        if (_temporary is not null)
        {
            File.Delete(_temporary);
        }
    }
}

namespace Clss.Cli.Output;

/// <summary>
/// Everything said to the person, on standard error, by verbosity: 0 errors, 1 warnings, 2 messages, 3 details.
/// A progress line that stands on the terminal is wiped before a message and drawn again after it.
/// </summary>
internal sealed class Messages(TextWriter writer, int verbosity)
{
    private readonly Lock _lock = new();
    private string _standing = "";

    /// <summary>Whether something of this verbosity is said.</summary>
    public bool Shows(int level) => level <= verbosity;

    public void Error(string text) => Write(0, "error: ", text);

    public void Warning(string text) => Write(1, "warning: ", text);

    public void Info(string text) => Write(2, "", text);

    public void Detail(string text) => Write(3, "", text);

    /// <summary>Asks on standard error, whatever the verbosity, and reads a line; only <c>y</c> and <c>yes</c> mean yes.</summary>
    public async Task<bool> ConfirmAsync(string question, TextReader answers, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Wipe();
            _standing = "";
            writer.Write(question + " [y/N] ");
            writer.Flush();
        }

        // On another thread: a console does not stop reading when it is asked to.
        string? answer = await Task.Run(answers.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        return answer?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    /// <summary>Draws <paramref name="line"/> in place of the standing progress line; an empty one removes it.</summary>
    public void Stand(string line)
    {
        lock (_lock)
        {
            Wipe();
            writer.Write(line);
            writer.Flush();
            _standing = line;
        }
    }

    private void Write(int level, string prefix, string text)
    {
        if (level > verbosity)
        {
            return;
        }

        lock (_lock)
        {
            Wipe();
            writer.WriteLine(prefix + text);
            writer.Write(_standing);
            writer.Flush();
        }
    }

    private void Wipe()
    {
        if (_standing.Length > 0)
        {
            writer.Write('\r' + new string(' ', _standing.Length) + '\r');
        }
    }
}

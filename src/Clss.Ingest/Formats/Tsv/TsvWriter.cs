using System.Text;

namespace Clss.Ingest.Formats.Tsv;

/// <summary>Writes tab-separated rows: UTF-8 without byte order mark, line feed, tabs and line ends inside a cell as blanks.</summary>
public sealed class TsvWriter : IDisposable
{
    private readonly StreamWriter _writer;

    /// <summary>Writes to a stream, which is disposed with the writer.</summary>
    public TsvWriter(Stream stream) =>
        _writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1 << 16) { NewLine = "\n" };

    /// <summary>Writes one row.</summary>
    public void WriteRow(params ReadOnlySpan<string> cells)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            if (i > 0)
            {
                _writer.Write('\t');
            }

            WriteCell(cells[i]);
        }

        _writer.Write('\n');
    }

    /// <summary>Hands everything written to the stream.</summary>
    public void Flush() => _writer.Flush();

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void WriteCell(string cell)
    {
        if (cell.AsSpan().IndexOfAny('\t', '\n', '\r') < 0)
        {
            _writer.Write(cell);
            return;
        }

        foreach (char character in cell)
        {
            _writer.Write(character is '\t' or '\n' or '\r' ? ' ' : character);
        }
    }
}

using System.Runtime.InteropServices;

namespace Clss.Ingest.Formats.Numpy;

/// <summary>Writes a NumPy array [rows, columns] row by row: format 1.0, little-endian float32, C order.</summary>
public sealed class NpyWriter
{
    private readonly Stream _stream;

    /// <summary>Begins an array.</summary>
    /// <param name="stream">Where to write; must be able to seek, because the number of rows is filled in at the end. Not disposed.</param>
    /// <param name="columns">Elements of a row.</param>
    public NpyWriter(Stream stream, int columns)
        : this(stream, columns, rows: 0)
    {
        stream.Write(NpyHeader.Write(0, columns));
    }

    private NpyWriter(Stream stream, int columns, long rows)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        _stream = stream;
        Columns = columns;
        Rows = rows;
    }

    /// <summary>Elements of a row.</summary>
    public int Columns { get; }

    /// <summary>The rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Goes on with an unfinished array: cuts the stream behind its first <paramref name="rows"/> rows.</summary>
    /// <exception cref="ClssIngestException">The stream is shorter.</exception>
    public static NpyWriter Continue(Stream stream, int columns, long rows)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long length = NpyHeader.WrittenLength + rows * columns * sizeof(float);
        if (stream.Length < length)
        {
            throw new ClssIngestException($"The unfinished array holds {stream.Length:N0} bytes; {rows:N0} rows of {columns} need {length:N0}.");
        }

        stream.SetLength(length);
        stream.Position = length;
        return new NpyWriter(stream, columns, rows);
    }

    /// <summary>Appends whole rows.</summary>
    /// <param name="values">[n, <see cref="Columns"/>].</param>
    public void Write(ReadOnlySpan<float> values)
    {
        if (values.Length % Columns != 0)
        {
            throw new ArgumentException($"{values.Length} values are not whole rows of {Columns}.", nameof(values));
        }

        if (BitConverter.IsLittleEndian)
        {
            _stream.Write(MemoryMarshal.AsBytes(values));
        }
        else
        {
            Span<byte> element = stackalloc byte[sizeof(float)];
            foreach (float value in values)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(element, value);
                _stream.Write(element);
            }
        }

        Rows += values.Length / Columns;
    }

    /// <summary>Fills in the number of rows. Without it the file reads as empty.</summary>
    public void Finish()
    {
        long end = _stream.Position;
        _stream.Position = 0;
        _stream.Write(NpyHeader.Write(Rows, Columns));
        _stream.Position = end;
        _stream.Flush();
    }
}

using System.Runtime.InteropServices;

namespace Clss.Ingest.Formats.Numpy;

/// <summary>Reads the rows of a NumPy array [rows, columns] in C order; float32, and float16 or float64, which are converted.</summary>
public sealed class NpyReader : IDisposable
{
    // Conversion goes through a buffer of this many elements.
    private const int BlockLength = 1 << 14;

    private readonly Stream _stream;
    private readonly string _source;
    private readonly int _elementSize;
    private long _rowsRead;

    private NpyReader(Stream stream, string source, int elementSize, long rows, int columns)
    {
        _stream = stream;
        _source = source;
        _elementSize = elementSize;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>The number of rows.</summary>
    public long Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>Opens an array and checks its header against the length of the file.</summary>
    /// <exception cref="ClssIngestException">The file is missing, is no such array, or has not the length its header promises.</exception>
    public static NpyReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream stream = Sources.InputStream.OpenFile(path);
        try
        {
            return Open(new BufferedStream(stream, 1 << 16), path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads from a stream that can seek; disposed with the reader.</summary>
    /// <exception cref="ClssIngestException">The stream is no such array, or has not the length its header promises.</exception>
    public static NpyReader Open(Stream stream, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (NpyHeader header, int headerLength) = NpyHeader.Read(stream, source);
        int elementSize = ElementSize(header.Descr, source);
        if (header.FortranOrder)
        {
            throw new ClssIngestException($"{source}: the array is in Fortran order; C order is needed. Save numpy.ascontiguousarray(array).");
        }

        if (header.Shape.Count != 2 || header.Shape[1] is < 1 or > int.MaxValue / 8)
        {
            throw new ClssIngestException($"{source}: the array has the shape ({string.Join(", ", header.Shape)}); expected [rows, columns], one vector in each row.");
        }

        long rows = header.Shape[0];
        int columns = (int)header.Shape[1];
        var expected = (Int128)rows * columns * elementSize + headerLength;
        if (expected != stream.Length)
        {
            throw new ClssIngestException($"{source}: shape ({rows}, {columns}) of {header.Descr} needs {expected} bytes, the file has {stream.Length}. It is cut off or damaged.");
        }

        return new NpyReader(stream, source, elementSize, rows, columns);
    }

    /// <summary>Fills whole rows of the destination [rows, <see cref="Columns"/>] and returns how many; 0 at the end.</summary>
    /// <exception cref="ClssIngestException">The file cannot be read.</exception>
    public int ReadRows(Span<float> destination)
    {
        int rows = (int)Math.Min(destination.Length / Columns, Rows - _rowsRead);
        Span<float> values = destination[..(rows * Columns)];
        try
        {
            if (_elementSize == sizeof(float) && BitConverter.IsLittleEndian)
            {
                _stream.ReadExactly(MemoryMarshal.AsBytes(values));
            }
            else
            {
                Convert(values);
            }
        }
        catch (IOException exception)
        {
            throw new ClssIngestException($"{_source}: reading row {_rowsRead} failed: {exception.Message}", exception);
        }

        _rowsRead += rows;
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Convert(Span<float> values)
    {
        byte[] bytes = new byte[Math.Min(values.Length, BlockLength) * _elementSize];
        while (!values.IsEmpty)
        {
            Span<float> part = values[..Math.Min(values.Length, BlockLength)];
            Span<byte> raw = bytes.AsSpan(0, part.Length * _elementSize);
            _stream.ReadExactly(raw);
            for (int i = 0; i < part.Length; i++)
            {
                ReadOnlySpan<byte> element = raw[(i * _elementSize)..];
                part[i] = _elementSize switch
                {
                    2 => (float)System.Buffers.Binary.BinaryPrimitives.ReadHalfLittleEndian(element),
                    4 => System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(element),
                    _ => (float)System.Buffers.Binary.BinaryPrimitives.ReadDoubleLittleEndian(element),
                };
            }

            values = values[part.Length..];
        }
    }

    private static int ElementSize(string descr, string source) => descr switch
    {
        "<f4" => 4,
        "<f2" => 2,
        "<f8" => 8,
        [.., 'f', _] when descr[0] == '>' => throw new ClssIngestException($"{source}: the array is big-endian ({descr}); little-endian is needed. Save array.astype('<f4')."),
        [.., 'O'] => throw new ClssIngestException($"{source}: the array holds Python objects ({descr}), which are never read. Save array.astype('<f4')."),
        _ => throw new ClssIngestException($"{source}: the elements are {descr}; expected float32 ('<f4'), or '<f2' or '<f8'. Save array.astype('<f4')."),
    };
}

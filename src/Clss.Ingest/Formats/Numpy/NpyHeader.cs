using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Clss.Ingest.Formats.Numpy;

/// <summary>
/// The header of the NPY format, version 1.0 (and 2.0, 3.0 for reading): numpy/lib/format.py, "Format Version 1.0": magic,
/// version, length, then a Python dictionary with <c>descr</c>, <c>fortran_order</c> and <c>shape</c>, padded with blanks to a
/// multiple of 64 bytes.
/// </summary>
internal sealed record NpyHeader(string Descr, bool FortranOrder, IReadOnlyList<long> Shape)
{
    /// <summary>The length of the headers written here: room for any two 64-bit dimensions.</summary>
    public const int WrittenLength = 128;

    private const int PreambleLength = 10;

    // NumPy itself refuses more than 10,000 bytes when it parses the dictionary.
    private const int MaxDictionaryLength = 1 << 16;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static byte[] Write(long rows, int columns)
    {
        byte[] header = new byte[WrittenLength];
        Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), WrittenLength - PreambleLength);
        string dictionary = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
        header.AsSpan(PreambleLength).Fill((byte)' ');
        Encoding.ASCII.GetBytes(dictionary, header.AsSpan(PreambleLength));
        header[^1] = (byte)'\n';
        return header;
    }

    /// <summary>Reads the header and leaves the stream at the first element. Returns the header and its length in bytes.</summary>
    public static (NpyHeader Header, int Length) Read(Stream stream, string source)
    {
        Span<byte> preamble = stackalloc byte[12];
        if (stream.ReadAtLeast(preamble[..PreambleLength], PreambleLength, throwOnEndOfStream: false) < PreambleLength || !preamble.StartsWith(Magic))
        {
            throw new ClssIngestException($"{source}: not a NumPy array (.npy): the signature is missing.");
        }

        int version = preamble[6];
        long length = BinaryPrimitives.ReadUInt16LittleEndian(preamble[8..]);
        int begin = PreambleLength;
        if (version is 2 or 3)
        {
            if (stream.ReadAtLeast(preamble[10..12], 2, throwOnEndOfStream: false) < 2)
            {
                throw Truncated(source);
            }

            length = BinaryPrimitives.ReadUInt32LittleEndian(preamble[8..]);
            begin += 2;
        }
        else if (version != 1)
        {
            throw new ClssIngestException($"{source}: NPY version {version}.{preamble[7]} is not known; expected 1.0, 2.0 or 3.0. Save the array again with numpy.save.");
        }

        if (length > MaxDictionaryLength)
        {
            throw new ClssIngestException($"{source}: the NPY header claims {length:N0} bytes; at most {MaxDictionaryLength:N0} are read.");
        }

        byte[] bytes = new byte[(int)length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Truncated(source);
        }

        return (Parse(Encoding.Latin1.GetString(bytes), source), begin + bytes.Length);
    }

    public static ClssIngestException Truncated(string source) => new($"{source}: the NumPy file ends inside its header. Copy or write it again.");

    private static NpyHeader Parse(string dictionary, string source)
    {
        string? order = ValueOf(dictionary, "fortran_order");
        string? shape = ValueOf(dictionary, "shape");
        string? descr = ValueOf(dictionary, "descr");
        if (descr is null || order is not ("True" or "False") || shape is null || !shape.StartsWith('('))
        {
            throw new ClssIngestException($"{source}: the NPY header is not understood; expected 'descr', 'fortran_order' and 'shape'.");
        }

        var dimensions = new List<long>();
        foreach (string part in shape.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!long.TryParse(part.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out long dimension))
            {
                throw new ClssIngestException($"{source}: the NPY shape {shape} is not understood.");
            }

            dimensions.Add(dimension);
        }

        return new NpyHeader(descr, order == "True", dimensions);
    }

    /// <summary>The text of one value: a quoted text without its quotes, a bracketed list, or a word.</summary>
    private static string? ValueOf(string dictionary, string key)
    {
        int at = dictionary.IndexOf($"'{key}'", StringComparison.Ordinal);
        at = at < 0 ? dictionary.IndexOf($"\"{key}\"", StringComparison.Ordinal) : at;
        if (at < 0)
        {
            return null;
        }

        string rest = dictionary[(at + key.Length + 2)..].TrimStart(' ', ':');
        if (rest.Length == 0)
        {
            return null;
        }

        int end = rest[0] switch
        {
            '\'' or '"' => rest.IndexOf(rest[0], 1),
            '(' => rest.IndexOf(')', StringComparison.Ordinal),
            '[' => rest.IndexOf(']', StringComparison.Ordinal),
            _ => rest.AsSpan().IndexOfAny(',', '}') - 1,
        };
        return end < 0 ? null : rest[0] is '\'' or '"' ? rest[1..end] : rest[..(end + 1)].Trim();
    }
}

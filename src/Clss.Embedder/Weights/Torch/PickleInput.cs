using System.Buffers.Binary;
using System.Text;

namespace Clss.Embedder.Weights.Torch;

/// <summary>The bytes of a pickle, taken from the front. Every length is checked before it is used.</summary>
internal ref struct PickleInput(ReadOnlySpan<byte> data, string place)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _data = data;
    private readonly string _place = place;

    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>The only big-endian number of a pickle.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public byte[] Bytes(ulong length) => Take(length).ToArray();

    public string Utf8(ulong length)
    {
        ReadOnlySpan<byte> bytes = Take(length);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFormatException($"{_place}: byte {Position} of the pickle holds text that is not UTF-8; the file is damaged.", e);
        }
    }

    /// <summary>Texts that Python 2 wrote; names are ASCII there.</summary>
    public string Latin1(ulong length) => Encoding.Latin1.GetString(Take(length));

    /// <summary>Text up to the end of the line, as GLOBAL has it.</summary>
    public string Line()
    {
        const int longestName = 1024;
        ReadOnlySpan<byte> rest = _data[Position..];
        int length = rest[..Math.Min(rest.Length, longestName)].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw new WeightFormatException($"{_place}: byte {Position} of the pickle begins a name without an end; the file is damaged.");
        }

        string line = Utf8((ulong)length);
        Position++;
        return line;
    }

    /// <summary>A two's complement number of any length; null beyond 64 bits.</summary>
    public object Long(ulong length)
    {
        const int longest = 256;
        if (length > longest)
        {
            throw new WeightFormatException($"{_place}: byte {Position} of the pickle announces a number of {length} bytes; the file is damaged.");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        if (bytes.Length > sizeof(long))
        {
            return new PickleBigInteger(Convert.ToHexString(bytes));
        }

        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        int rest = _data.Length - Position;
        if (length > (ulong)rest)
        {
            throw new WeightFormatException($"{_place}: the pickle is cut off at byte {Position}: {length} bytes were expected, {rest} follow. Download or copy the file again.");
        }

        ReadOnlySpan<byte> taken = _data.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }
}

using System.Buffers.Binary;
using System.Text;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>Reads the part of MessagePack that BinaryCIF uses, forward, from untrusted bytes: lengths are checked against what is there before anything follows them.</summary>
internal ref struct MessagePackReader
{
    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _source;

    public MessagePackReader(ReadOnlySpan<byte> bytes, string source, int position = 0)
    {
        _bytes = bytes;
        _source = source;
        Position = position;
    }

    /// <summary>The offset of the next value.</summary>
    public int Position { get; private set; }

    /// <summary>Begins a map; returns its number of pairs.</summary>
    public int ReadMap()
    {
        byte code = ReadByte();
        return code switch
        {
            >= 0x80 and <= 0x8F => code & 0x0F,
            0xDE => CheckCount(ReadUnsigned(2), 2),
            0xDF => CheckCount(ReadUnsigned(4), 2),
            _ => throw Wrong("a map", code),
        };
    }

    /// <summary>Begins an array; returns its number of elements.</summary>
    public int ReadArray()
    {
        byte code = ReadByte();
        return code switch
        {
            >= 0x90 and <= 0x9F => code & 0x0F,
            0xDC => CheckCount(ReadUnsigned(2), 1),
            0xDD => CheckCount(ReadUnsigned(4), 1),
            _ => throw Wrong("an array", code),
        };
    }

    /// <summary>Reads text.</summary>
    public string ReadString() => Encoding.UTF8.GetString(ReadStringBytes());

    /// <summary>Reads text as its bytes.</summary>
    public ReadOnlySpan<byte> ReadStringBytes()
    {
        byte code = ReadByte();
        long length = code switch
        {
            >= 0xA0 and <= 0xBF => code & 0x1F,
            0xD9 => ReadUnsigned(1),
            0xDA => ReadUnsigned(2),
            0xDB => ReadUnsigned(4),
            _ => throw Wrong("text", code),
        };
        return Take(length);
    }

    /// <summary>Reads binary data.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        byte code = ReadByte();
        long length = code switch
        {
            0xC4 => ReadUnsigned(1),
            0xC5 => ReadUnsigned(2),
            0xC6 => ReadUnsigned(4),
            _ => throw Wrong("binary data", code),
        };
        return Take(length);
    }

    /// <summary>Reads any number.</summary>
    public double ReadNumber()
    {
        byte code = ReadByte();
        return code switch
        {
            <= 0x7F => code,
            >= 0xE0 => (sbyte)code,
            0xCA => BinaryPrimitives.ReadSingleBigEndian(Take(4)),
            0xCB => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
            0xCC => ReadUnsigned(1),
            0xCD => ReadUnsigned(2),
            0xCE => ReadUnsigned(4),
            0xCF => BinaryPrimitives.ReadUInt64BigEndian(Take(8)),
            0xD0 => (sbyte)ReadUnsigned(1),
            0xD1 => (short)ReadUnsigned(2),
            0xD2 => (int)ReadUnsigned(4),
            0xD3 => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            _ => throw Wrong("a number", code),
        };
    }

    /// <summary>Reads a whole number that fits an int.</summary>
    public int ReadInt()
    {
        double number = ReadNumber();
        return number is >= int.MinValue and <= int.MaxValue && double.IsInteger(number)
            ? (int)number
            : throw new StructureFormatException($"{_source}: byte {Position}: {number} is no 32-bit whole number. The file is damaged.");
    }

    /// <summary>Reads true or false.</summary>
    public bool ReadFlag() => ReadByte() switch
    {
        0xC2 => false,
        0xC3 => true,
        byte code => throw Wrong("true or false", code),
    };

    /// <summary>Passes over nil if it comes next.</summary>
    public bool TryReadNil()
    {
        bool isNil = Position < _bytes.Length && _bytes[Position] == 0xC0;
        Position += isNil ? 1 : 0;
        return isNil;
    }

    /// <summary>Passes over one value of any type.</summary>
    public void Skip() => Skip(0);

    private void Skip(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new StructureFormatException($"{_source}: byte {Position}: values nest deeper than {MaxDepth} levels. The file is damaged.");
        }

        byte code = Position < _bytes.Length ? _bytes[Position] : (byte)0xC1;
        switch (code)
        {
            case <= 0x7F or >= 0xE0 or 0xCA or 0xCB or (>= 0xCC and <= 0xD3):
                ReadNumber();
                break;
            case (>= 0x80 and <= 0x8F) or 0xDE or 0xDF:
                SkipMany(2L * ReadMap(), depth);
                break;
            case (>= 0x90 and <= 0x9F) or 0xDC or 0xDD:
                SkipMany(ReadArray(), depth);
                break;
            case (>= 0xA0 and <= 0xBF) or (>= 0xD9 and <= 0xDB):
                ReadStringBytes();
                break;
            case >= 0xC4 and <= 0xC6:
                ReadBinary();
                break;
            case 0xC0 or 0xC2 or 0xC3:
                Position++;
                break;
            default:
                throw Wrong("a value that BinaryCIF uses", ReadByte());
        }
    }

    private void SkipMany(long count, int depth)
    {
        for (long i = 0; i < count; i++)
        {
            Skip(depth + 1);
        }
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length > _bytes.Length - Position)
        {
            throw new StructureFormatException($"{_source}: byte {Position}: {length:N0} bytes are announced, {_bytes.Length - Position:N0} are there. The file is cut off or damaged.");
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return taken;
    }

    private byte ReadByte() => Take(1)[0];

    private long ReadUnsigned(int bytes)
    {
        long value = 0;
        foreach (byte part in Take(bytes))
        {
            value = (value << 8) | part;
        }

        return value;
    }

    // Every element takes a byte at least.
    private readonly int CheckCount(long count, int bytesEach) => count * bytesEach <= _bytes.Length - Position
        ? (int)count
        : throw new StructureFormatException($"{_source}: byte {Position}: {count:N0} elements are announced, more than the rest of the file can hold. The file is cut off or damaged.");

    private readonly StructureFormatException Wrong(string wanted, byte code) =>
        new($"{_source}: byte {Position - 1}: {wanted} must stand here, found type 0x{code:X2}. The file is damaged.");
}

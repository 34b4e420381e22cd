using System.Buffers.Binary;
using System.Text;

namespace Clss.Ingest.Tests.Formats.BinaryCif;

/// <summary>Writes MessagePack: dictionaries, arrays, text, binary and numbers.</summary>
internal static class BinaryCifText
{
    public static byte[] Pack(object? value)
    {
        var stream = new MemoryStream();
        Write(stream, value);
        return stream.ToArray();
    }

    public static Dictionary<string, object?> File(params object[] columns) => new()
    {
        ["encoder"] = "tests",
        ["version"] = "0.3.0",
        ["dataBlocks"] = new object?[]
        {
            new Dictionary<string, object?>
            {
                ["header"] = "X",
                ["categories"] = new object?[] { new Dictionary<string, object?> { ["columns"] = columns, ["rowCount"] = 6, ["name"] = "_atom_site" } },
            },
        },
    };

    public static Dictionary<string, object?> Column(string name, byte[] data, object?[] encoding, byte[]? mask = null) => new()
    {
        ["name"] = name,
        ["data"] = new Dictionary<string, object?> { ["data"] = data, ["encoding"] = encoding },
        ["mask"] = mask is null ? null : new Dictionary<string, object?> { ["data"] = mask, ["encoding"] = new object?[] { Step("ByteArray", ("type", 4)) } },
    };

    public static Dictionary<string, object?> Step(string kind, params (string Name, object? Value)[] parameters)
    {
        var step = new Dictionary<string, object?> { ["kind"] = kind };
        foreach ((string name, object? value) in parameters)
        {
            step[name] = value;
        }

        return step;
    }

    public static byte[] Int32(params int[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static void Write(MemoryStream stream, object? value)
    {
        Span<byte> number = stackalloc byte[8];
        switch (value)
        {
            case null:
                stream.WriteByte(0xC0);
                break;
            case bool flag:
                stream.WriteByte(flag ? (byte)0xC3 : (byte)0xC2);
                break;
            case int integer:
                stream.WriteByte(0xD2);
                BinaryPrimitives.WriteInt32BigEndian(number, integer);
                stream.Write(number[..4]);
                break;
            case double real:
                stream.WriteByte(0xCB);
                BinaryPrimitives.WriteDoubleBigEndian(number, real);
                stream.Write(number);
                break;
            case string text:
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                stream.WriteByte(bytes.Length < 32 ? (byte)(0xA0 | bytes.Length) : (byte)0xD9);
                if (bytes.Length >= 32)
                {
                    stream.WriteByte((byte)bytes.Length);
                }

                stream.Write(bytes);
                break;
            case byte[] data:
                stream.WriteByte(0xC5);
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)data.Length);
                stream.Write(number[..2]);
                stream.Write(data);
                break;
            case Dictionary<string, object?> map:
                stream.WriteByte((byte)(0x80 | map.Count));
                foreach ((string key, object? item) in map)
                {
                    Write(stream, key);
                    Write(stream, item);
                }

                break;
            case object?[] array:
                stream.WriteByte(0xDC);
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)array.Length);
                stream.Write(number[..2]);
                foreach (object? item in array)
                {
                    Write(stream, item);
                }

                break;
            default:
                throw new ArgumentException(value.GetType().Name);
        }
    }
}

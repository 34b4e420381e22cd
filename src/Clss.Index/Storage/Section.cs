using System.Runtime.CompilerServices;
using System.Text;

namespace Clss.Index.Storage;

/// <summary>A section of a mapped file. Every access is checked: the file is untrusted.</summary>
internal sealed unsafe class Section
{
    // Throws on bytes that are no UTF-8, so that damaged text is reported and never replaced by question marks.
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public Section(string file, SectionHeader header, byte* payload)
    {
        File = file;
        Header = header;
        Payload = payload;
    }

    public string File { get; }

    public SectionHeader Header { get; }

    public byte* Payload { get; }

    public long Length => Header.PayloadLength;

    /// <summary>Throws unless the section has the element type, count and exact payload length.</summary>
    public void Require(ElementType type, long count, long payloadLength)
    {
        if (Header.ElementType != type || Header.Count != count || Length != payloadLength)
        {
            throw Corrupt(
                $"Expected {count} elements of {type} in {payloadLength} bytes, found {Header.Count} of {Header.ElementType} in {Length} bytes.");
        }
    }

    /// <summary>Throws unless the section is an array of unsigned integers of any width, [count].</summary>
    public void RequireUnsigned(long count)
    {
        if (Header.ElementType is < ElementType.UInt8 or > ElementType.UInt64)
        {
            throw Corrupt($"Expected unsigned integers, found {Header.ElementType}.");
        }

        Require(Header.ElementType, count, checked(count * Width(Header.ElementType)));
    }

    /// <summary>Element [index] of an array of unsigned integers; values past the range of long are damage and come back negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Unsigned(long index)
    {
        if ((ulong)index >= (ulong)Header.Count)
        {
            throw Corrupt($"Index {index} lies outside the {Header.Count} elements.");
        }

        return Header.ElementType switch
        {
            ElementType.UInt8 => Payload[index],
            ElementType.UInt16 => ((ushort*)Payload)[index],
            ElementType.UInt32 => ((uint*)Payload)[index],
            _ => ((long*)Payload)[index],
        };
    }

    /// <summary>Bit [index] of a bitmap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Bit(int index) => (Payload[index >> 3] & (1 << (index & 7))) != 0;

    /// <summary>The bytes [start, end).</summary>
    public ReadOnlySpan<byte> Bytes(long start, long end)
    {
        if (start < 0 || end < start || end > Length || end - start > int.MaxValue)
        {
            throw Corrupt($"Bytes {start} to {end} lie outside the payload of {Length} bytes.");
        }

        return new ReadOnlySpan<byte>(Payload + start, (int)(end - start));
    }

    /// <summary>Decodes text of this section.</summary>
    public string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Corrupt("The text is not UTF-8.");
        }
    }

    public CorruptCollectionException Corrupt(string problem) => new(File, Header.Name, problem);

    /// <summary>Bytes per element.</summary>
    public static int Width(ElementType type) => type switch
    {
        ElementType.UInt16 or ElementType.Int16 => 2,
        ElementType.UInt32 or ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.UInt64 or ElementType.Int64 or ElementType.Float64 => 8,
        _ => 1,
    };

    /// <summary>The narrowest unsigned type that holds the value.</summary>
    public static ElementType NarrowestUnsigned(long maximum) => maximum switch
    {
        <= byte.MaxValue => ElementType.UInt8,
        <= ushort.MaxValue => ElementType.UInt16,
        <= uint.MaxValue => ElementType.UInt32,
        _ => ElementType.UInt64,
    };
}

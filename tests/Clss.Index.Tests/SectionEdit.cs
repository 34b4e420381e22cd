using System.Buffers.Binary;
using Clss.Index.Storage;

namespace Clss.Index.Tests;

/// <summary>The rows file of a collection, to be written again with one section changed and its checksums right.</summary>
internal sealed class SectionEdit
{
    private readonly string _path;

    private SectionEdit(string path)
    {
        _path = path;
        Whole = File.ReadAllBytes(path);
    }

    public delegate void Change(Span<byte> bytes);

    /// <summary>The file as it was.</summary>
    public byte[] Whole { get; }

    public static SectionEdit Of(string directory) => new(Directory.GetFiles(directory, "rows-*.clss").Single());

    /// <summary>Where the payload of a section lies.</summary>
    public (int Offset, int Length) Find(SectionKind kind, int item = 0)
    {
        int length;
        for (int offset = 0; offset < Whole.Length; offset += SectionHeader.Size + (int)SectionFile.PaddedLength(length))
        {
            SectionHeader header = SectionHeader.Read(Whole.AsSpan(offset, SectionHeader.Size), _path, offset);
            length = (int)header.PayloadLength;
            if (header.Kind == kind && header.Item == item)
            {
                return (offset + SectionHeader.Size, length);
            }
        }

        throw new InvalidOperationException($"There is no section {kind} of item {item}.");
    }

    /// <summary>Writes the file with one section changed; <paramref name="header"/> gets the 64 bytes of the header.</summary>
    public void Write(SectionKind kind, int item, Change payload, Change? header = null)
    {
        (int offset, int length) = Find(kind, item);
        byte[] bytes = [.. Whole];
        Span<byte> head = bytes.AsSpan(offset - SectionHeader.Size, SectionHeader.Size);
        payload(bytes.AsSpan(offset, length));
        BinaryPrimitives.WriteUInt32LittleEndian(head[40..], Crc32C.Compute(bytes.AsSpan(offset, length)));
        header?.Invoke(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[60..], Crc32C.Compute(head[..60]));
        File.WriteAllBytes(_path, bytes);
    }

    /// <summary>Writes the file with one bit of a payload changed and nothing else.</summary>
    public void Flip(SectionKind kind, int item, int place)
    {
        byte[] bytes = [.. Whole];
        bytes[Find(kind, item).Offset + place] ^= (byte)(1 << (place % 8));
        File.WriteAllBytes(_path, bytes);
    }
}

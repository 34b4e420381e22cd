using System.Buffers.Binary;
using System.Text;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Weights;

/// <summary>Zip files as other writers make them, put together by hand.</summary>
public class ZipFormTests
{
    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, false, 0)]
    [InlineData(false, true, 0)]
    [InlineData(true, true, 40)]
    public void Open_Zip64AndPadding_Read(bool wideEntries, bool wideEnd, int padding)
    {
        TorchFixture fixture = new TorchFixture().Add("w", [1f, 2f], 2);
        byte[] zip = Build([("clss/data.pkl", fixture.Pickle(false)), ("clss/data/1000", fixture.Tensors[0].Bytes)], wideEntries, wideEnd, padding);
        using TorchCheckpoint file = TorchFixture.Open(zip);
        Assert.Equal([1f, 2f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void Open_TwoPickles_IsRefused()
    {
        byte[] pickle = new TorchFixture().Add("w", [1f], 1).Pickle(false);
        byte[] zip = Build([("a/data.pkl", pickle), ("b/data.pkl", pickle)], false, false, 0);
        Assert.Contains("both 'a/data.pkl' and 'b/data.pkl'", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip)).Message, StringComparison.Ordinal);
    }

    private static byte[] Build((string Name, byte[] Bytes)[] entries, bool wideEntries, bool wideEnd, int padding)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        foreach ((string name, byte[] bytes) in entries)
        {
            byte[] nameBytes = Encoding.UTF8.GetBytes(name);
            long offset = file.Position;

            // As torch writes them: sizes and checksum are in the directory alone, an extra field aligns the data.
            byte[] local = new byte[30];
            BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034B50);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(6), 8);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(26), (ushort)nameBytes.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(28), (ushort)padding);
            file.Write(local);
            file.Write(nameBytes);
            file.Write(new byte[padding]);
            file.Write(bytes);
            WriteEntry(directory, nameBytes, bytes, offset, wideEntries);
        }

        long start = file.Position;
        file.Write(directory.ToArray());
        byte[] end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054B50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), wideEnd ? ushort.MaxValue : (ushort)entries.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), wideEnd ? uint.MaxValue : (uint)directory.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), wideEnd ? uint.MaxValue : (uint)start);
        if (wideEnd)
        {
            byte[] wide = new byte[56 + 20];
            BinaryPrimitives.WriteUInt32LittleEndian(wide, 0x06064B50);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(32), entries.Length);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(40), directory.Length);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(48), start);
            BinaryPrimitives.WriteUInt32LittleEndian(wide.AsSpan(56), 0x07064B50);
            BinaryPrimitives.WriteInt64LittleEndian(wide.AsSpan(64), file.Position);
            file.Write(wide);
        }

        file.Write(end);
        return file.ToArray();
    }

    private static void WriteEntry(MemoryStream directory, byte[] name, byte[] bytes, long offset, bool wide)
    {
        byte[] entry = new byte[46];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014B50);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(16), NaiveCrc32(bytes));
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(20), wide ? uint.MaxValue : (uint)bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(24), wide ? uint.MaxValue : (uint)bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), (ushort)(wide ? 36 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), wide ? uint.MaxValue : (uint)offset);
        directory.Write(entry);
        directory.Write(name);
        if (!wide)
        {
            return;
        }

        // A foreign field first, then the zip64 field.
        byte[] extra = new byte[36];
        BinaryPrimitives.WriteUInt16LittleEndian(extra, 0x4246);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), 4);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(10), 24);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(20), bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(28), offset);
        directory.Write(extra);
    }

    private static uint NaiveCrc32(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}

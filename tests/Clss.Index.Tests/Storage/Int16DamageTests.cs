using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Clss.Index.Storage;
using Clss.Index.Tests.Cells;
using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>Files of collections in 16-bit fixed point that are damaged, or whole in their checksums and wrong in what they say.</summary>
public sealed class Int16DamageTests : IDisposable
{
    private const int Dimension = 20;
    private const int RecordsStart = 192;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verify_OfAFlippedBit_NamesTheVectors()
    {
        string path = Make(VectorStorage.Int16);
        byte[] whole = File.ReadAllBytes(path);
        (int offset, int length) = Section(whole, SectionKind.Vectors);
        Assert.Equal(128 * 32 * sizeof(short), length);
        for (int i = 0; i < length; i += 1 + (length / 50))
        {
            byte[] bytes = [.. whole];
            bytes[offset + SectionHeader.Size + i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, bytes);
            Damage damage = Assert.Single(VectorCollection.Verify(_folder.File("db")).Damages);
            Assert.Equal("section Vectors", damage.Section);
        }
    }

    [Theory]
    [InlineData(VectorStorage.Int16, 9)]
    [InlineData(VectorStorage.Int16, 7)]
    [InlineData(VectorStorage.Float32, 6)]
    public void Open_WithVectorsOfAnotherType_NamesThem(VectorStorage storage, int type)
    {
        string path = Make(storage);
        byte[] bytes = File.ReadAllBytes(path);
        (int offset, _) = Section(bytes, SectionKind.Vectors);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(offset + 16), (ushort)type);
        WriteChecksums(bytes, offset);
        File.WriteAllBytes(path, bytes);
        Assert.Equal("section Vectors", Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(_folder.File("db")).Dispose()).Section);
    }

    [Theory]
    [InlineData("Int17")]
    [InlineData("int16")]
    [InlineData("00001")]
    public void Open_WithAnUnknownStorage_NamesTheSchema(string name)
    {
        string path = Make(VectorStorage.Int16);
        byte[] bytes = File.ReadAllBytes(path);
        (int offset, _) = Section(bytes, SectionKind.Schema);
        int place = bytes.AsSpan().IndexOf("\"storage\":\"Int16\""u8) + "\"storage\":\"".Length;
        Encoding.UTF8.GetBytes(name).CopyTo(bytes.AsSpan(place));
        WriteChecksums(bytes, offset);
        File.WriteAllBytes(path, bytes);
        CorruptCollectionException refusal = Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(_folder.File("db")).Dispose());
        Assert.Equal("section Schema", refusal.Section);
        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfALogWithAVectorThatIsNotRounded_NamesTheRecord()
    {
        Make(VectorStorage.Int16);
        byte[] vector;
        using (VectorCollection collection = VectorCollection.Open(_folder.File("db"), OpenMode.ReadWrite))
        {
            collection.Upsert(CellData.Entry(1, Samples.Unit(9, Dimension)));
            collection.Commit();
            vector = MemoryMarshal.AsBytes<float>(collection.Find("row1")!.Vector.ToArray()).ToArray();
        }

        string path = Directory.GetFiles(_folder.File("db"), "log-*.clss").Single();
        byte[] bytes = File.ReadAllBytes(path);
        int place = bytes.AsSpan().IndexOf(vector);
        Assert.InRange(place, RecordsStart, bytes.Length);
        bytes[place + 1] ^= 1;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(RecordsStart));
        uint checksum = Crc32C.Append(Crc32C.Compute(bytes.AsSpan(RecordsStart, sizeof(int))), bytes.AsSpan(RecordsStart + 8, length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(RecordsStart + 4), checksum);
        File.WriteAllBytes(path, bytes);
        CorruptCollectionException refusal = Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(_folder.File("db")).Dispose());
        Assert.Equal($"record at byte {RecordsStart}", refusal.Section);
        Assert.Contains("fixed point", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_OfFloats_SaysNothingOfStorage()
    {
        byte[] bytes = File.ReadAllBytes(Make(VectorStorage.Float32));
        Assert.True(bytes.AsSpan().IndexOf("storage"u8) < 0);
    }

    private static (int Offset, int Length) Section(byte[] bytes, SectionKind kind)
    {
        int offset = 0;
        while (true)
        {
            SectionHeader header = SectionHeader.Read(bytes.AsSpan(offset, SectionHeader.Size), "rows", offset);
            if (header.Kind == kind)
            {
                return (offset, (int)header.PayloadLength);
            }

            offset += SectionHeader.Size + (int)SectionFile.PaddedLength(header.PayloadLength);
        }
    }

    private static void WriteChecksums(byte[] bytes, int offset)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset + 32));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 40), Crc32C.Compute(bytes.AsSpan(offset + SectionHeader.Size, length)));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 60), Crc32C.Compute(bytes.AsSpan(offset, 60)));
    }

    /// <summary>Makes a collection of 100 rows and returns its file of rows.</summary>
    private string Make(VectorStorage storage)
    {
        using (var collection = VectorCollection.Create(_folder.File("db"), CellData.Options(Dimension) with { Storage = storage }))
        {
            collection.Upsert(CellData.Entries("random", 100, Dimension, 1));
            collection.Compact();
        }

        return Directory.GetFiles(_folder.File("db"), "rows-*.clss").Single();
    }
}

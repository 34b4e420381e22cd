using System.Buffers.Binary;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Index.Tests.Storage;

/// <summary>
/// Collections as earlier releases wrote them, and files that are consistent in themselves but say absurd things. The folder tests/data/formats/vN is written once,
/// by the release that introduces version N, and never again.
/// </summary>
public sealed class FormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Fixture => Path.Combine(Repository.Root, "tests", "data", "formats", "v1", "small");

    [Fact]
    public void Open_OfVersion1_ReadsEveryRow()
    {
        Assert.Empty(VectorCollection.Verify(Fixture).Damages);
        using var collection = VectorCollection.Open(Fixture);
        string[] expected = File.ReadAllLines(Fixture + ".txt");
        Assert.Equal(expected, collection.ReadAll().Select(row => Samples.Describe(row).Replace("\n", "\\n", StringComparison.Ordinal)));
        CollectionInfo info = collection.Info;
        Assert.Equal((expected.Length, 20, "sha256:00ff", "fixture", 2L), (info.Count, info.Dimension, info.Model, info.ModelName, info.Generation));
        Assert.Equal(["name", "length", "plddt", "reviewed", "genes", "ecod", "year", "empty", "late"], info.Columns.Select(column => column.Name));
        VectorEntry logged = collection.Find("logged", "segment")!;
        Assert.Equal(MetadataValue.TextList(["x", "", "x"]), logged.Metadata["late"]);
        Assert.Equal(MetadataValue.Integer(long.MinValue), logged.Metadata["length"]);
        Assert.Equal("replaced", collection.Find("year3")!.Metadata["ecod"].AsText());
        Assert.Equal(6_000_001_900L, collection.Find("year2")!.Metadata["year"].AsInteger());
        Assert.Null(collection.Find("year4"));
        var neighbors = new Neighbor[1];
        foreach (ScanPrecision precision in Enum.GetValues<ScanPrecision>())
        {
            Assert.Equal(1, collection.Search(Samples.Unit(510, 20), new SearchOptions { K = 1, Precision = precision }, neighbors));
            Assert.Equal("year10", collection[neighbors[0].Ordinal].Key);
        }
    }

    [Fact]
    public void Write_ToACopyOfVersion1_KeepsItsRows()
    {
        string directory = CopyOfFixture();
        string[] before;
        using (var collection = VectorCollection.Open(directory, OpenMode.ReadWrite))
        {
            before = [.. collection.ReadAll().Select(Samples.Describe)];
            collection.Upsert(new VectorEntry { Key = "new", Vector = Samples.Unit(1, 20) });
            collection.Compact();
        }

        using var reopened = VectorCollection.Open(directory);
        Assert.Equal(before.Order(StringComparer.Ordinal), reopened.ReadAll().Where(row => row.Key != "new").Select(Samples.Describe).Order(StringComparer.Ordinal));
        Assert.True(VectorCollection.Verify(directory).IsIntact);
    }

    [Fact]
    public void Open_OfAnotherMajorVersion_NamesBoth()
    {
        string directory = CopyOfFixture();
        string manifest = Path.Combine(directory, "MANIFEST");
        string line = File.ReadAllText(manifest).Split('\n')[0].Replace("\"major\":1,\"minor\":0", "\"major\":2,\"minor\":3", StringComparison.Ordinal) + "\n";
        File.WriteAllText(manifest, line + $"crc32c {Crc32C.Compute(System.Text.Encoding.UTF8.GetBytes(line)):x8}\n");
        AssertVersion(() => VectorCollection.Open(directory), "2.3");
        AssertVersion(() => VectorCollection.Verify(directory), "2.3");

        directory = CopyOfFixture();
        ChangeHeader(Path.Combine(directory, "rows-00000002.clss"), 0, header => BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 7));
        AssertVersion(() => VectorCollection.Open(directory), "7.0");
    }

    [Fact]
    public void Open_OfAHigherMinorVersion_SkipsSectionsItDoesNotKnow()
    {
        string directory = CopyOfFixture();
        string rows = Path.Combine(directory, "rows-00000002.clss");
        long length = new FileInfo(rows).Length;
        var added = new byte[128];
        new SectionHeader { Kind = (SectionKind)900, ElementType = ElementType.Bytes, Count = 5, PayloadLength = 5, PayloadChecksum = Crc32C.Compute("hello"u8), Generation = 2 }.Write(added);
        "hello"u8.CopyTo(added.AsSpan(64));
        BinaryPrimitives.WriteUInt16LittleEndian(added.AsSpan(10), 9);
        BinaryPrimitives.WriteUInt32LittleEndian(added.AsSpan(60), Crc32C.Compute(added.AsSpan(0, 60)));
        using (FileStream stream = File.OpenWrite(rows))
        {
            stream.Seek(0, SeekOrigin.End);
            stream.Write(added);
        }

        string manifest = Path.Combine(directory, "MANIFEST");
        string line = File.ReadAllText(manifest).Split('\n')[0]
            .Replace("\"minor\":0", "\"minor\":9,\"later\":[1]", StringComparison.Ordinal)
            .Replace($"\"rowsBytes\":{length}", $"\"rowsBytes\":{length + 128}", StringComparison.Ordinal) + "\n";
        File.WriteAllText(manifest, line + $"crc32c {Crc32C.Compute(System.Text.Encoding.UTF8.GetBytes(line)):x8}\n");
        using var collection = VectorCollection.Open(directory);
        Assert.Equal("β", collection.Find("logged")!.Metadata["name"].AsText());
        Assert.Empty(VectorCollection.Verify(directory).Damages);
    }

    /// <summary>Every 32-bit and 64-bit field of every header set to absurd values, with the checksum put right.</summary>
    [Fact]
    public void Open_WithAbsurdHeaders_ThrowsOurExceptionInBoundedMemory()
    {
        string directory = CopyOfFixture();
        string rows = Path.Combine(directory, "rows-00000002.clss");
        byte[] whole = File.ReadAllBytes(rows);
        int tried = 0;
        foreach (int offset in HeaderOffsets(whole))
        {
            foreach (int field in (int[])[14, 16, 18, 20, 24, 28, 32, 36, 40, 44, 48])
            {
                foreach (uint value in (uint[])[0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
                {
                    ChangeHeader(rows, offset, header => BinaryPrimitives.WriteUInt32LittleEndian(header[field..], value));
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    Use(directory);
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
                    tried++;
                }
            }

            File.WriteAllBytes(rows, whole);
        }

        Assert.InRange(tried, 1000, int.MaxValue);
    }

    /// <summary>Payloads of small integers and text overwritten at random, with the checksums put right: offsets and codes that lead anywhere.</summary>
    [Fact]
    public void Use_OfPayloadsThatLeadAnywhere_ThrowsOurExceptionOrGivesAResult()
    {
        string directory = CopyOfFixture();
        string rows = Path.Combine(directory, "rows-00000002.clss");
        byte[] whole = File.ReadAllBytes(rows);
        var random = new Random(77);
        foreach (int offset in HeaderOffsets(whole))
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(whole.AsSpan(offset + 32));
            for (int round = 0; round < 12 && length > 0; round++)
            {
                byte[] bytes = [.. whole];
                for (int i = 0; i < 1 + (length / 8); i++)
                {
                    bytes[offset + 64 + random.Next(length)] = (byte)random.Next(256);
                }

                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 40), Crc32C.Compute(bytes.AsSpan(offset + 64, length)));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 60), Crc32C.Compute(bytes.AsSpan(offset, 60)));
                File.WriteAllBytes(rows, bytes);
                Use(directory);
            }
        }
    }

    /// <summary>Log records with random bodies and right checksums.</summary>
    [Fact]
    public void Open_WithLogRecordsOfAnyContent_ThrowsOurException()
    {
        string directory = CopyOfFixture();
        string log = Path.Combine(directory, "log-00000002.clss");
        byte[] start = File.ReadAllBytes(log);
        var random = new Random(78);
        int refused = 0;
        for (int round = 0; round < 300; round++)
        {
            var body = new byte[1 + random.Next(200)];
            random.NextBytes(body);
            body[0] = (byte)(1 + random.Next(5));
            for (int i = 1; i < body.Length && round % 2 == 0; i += 1 + random.Next(3))
            {
                body[i] = (byte)random.Next(3);
            }

            byte[] commit = [4, 3, 0, 0, 0, 0, 0, 0, 0];
            File.WriteAllBytes(log, [.. start, .. Record(body), .. Record(commit)]);
            refused += Use(directory) ? 0 : 1;
        }

        Assert.InRange(refused, 200, 300);

        static byte[] Record(byte[] body)
        {
            byte[] prefix = BitConverter.GetBytes(body.Length);
            return [.. prefix, .. BitConverter.GetBytes(LogRecordEncoder.Checksum(prefix, body)), .. body];
        }
    }

    private static void AssertVersion(Func<object> action, string version)
    {
        string message = Assert.Throws<CollectionVersionException>(action).Message;
        Assert.Contains($"format version {version}; this program reads version 1", message, StringComparison.Ordinal);
    }

    /// <summary>Opens, reads, searches, filters and verifies; true where nothing was refused.</summary>
    private static bool Use(string directory)
    {
        try
        {
            VectorCollection.Verify(directory);
            using var collection = VectorCollection.Open(directory);
            Assert.InRange(collection.ReadAll().Count(), 0, 1000);
            _ = collection.Find("year3");
            foreach (ColumnDefinition column in collection.Info.Columns)
            {
                _ = collection.ReadAll(new Filter.Equal(column.Name, MetadataValue.Missing)).Count();
            }

            foreach (ScanPrecision precision in Enum.GetValues<ScanPrecision>())
            {
                collection.Search(Samples.Unit(3, 20), new SearchOptions { K = 5, Precision = precision }, new Neighbor[5]);
            }

            return true;
        }
        catch (ClssIndexException)
        {
            return false;
        }
    }

    private static IEnumerable<int> HeaderOffsets(byte[] file)
    {
        for (int offset = 0; offset < file.Length; offset += 64 + (int)SectionFile.PaddedLength(BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(offset + 32))))
        {
            yield return offset;
        }
    }

    private delegate void HeaderChange(Span<byte> header);

    private static void ChangeHeader(string path, int offset, HeaderChange change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Span<byte> header = bytes.AsSpan(offset, 64);
        change(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
        File.WriteAllBytes(path, bytes);
    }

    private string CopyOfFixture()
    {
        string directory = _folder.File(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(directory);
        foreach (string path in Directory.GetFiles(Fixture))
        {
            File.Copy(path, Path.Combine(directory, Path.GetFileName(path)));
        }

        return directory;
    }
}

using System.Buffers.Binary;
using Clss.Index.Hnsw;
using Clss.Index.Storage;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Graphs in bytes: read back as they were, and refused or harmless when damaged.</summary>
public sealed unsafe class GraphFileTests
{
    private static readonly HnswSearchSettings Settings = new() { EfSearch = 60 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(2000)]
    public void Open_OfAWrittenGraph_SearchesAlike(int count)
    {
        using var rows = Rows.Of("clusters", count, 3);
        using HnswBuilder builder = rows.Build(new HnswParameters { M = 6, EfConstruction = 30, Seed = 99 });
        byte[] bytes = GraphBytes.Of(builder.Graph);
        using NativeArray<byte> memory = GraphBytes.Aligned(bytes);
        HnswGraph graph = GraphBytes.Open(memory, rows);
        GraphFile.Verify(graph);
        Assert.Equal(builder.Graph.Parameters, graph.Parameters);
        Assert.Equal(bytes, GraphBytes.Of(graph));
        using var scratch = new HnswScratch(rows.Stride);
        for (int i = 0; i < Math.Min(count, 20); i++)
        {
            Assert.Equal(rows.Search(builder.Graph, rows[i], 10, Settings, scratch), rows.Search(graph, rows[i], 10, Settings, scratch));
        }
    }

    [Fact]
    public void Bytes_OfAGraph_AreFewerThan190ARow()
    {
        using var rows = Rows.Of("uniform", 4000, 3);
        using HnswBuilder builder = rows.Build(new HnswParameters { EfConstruction = 30 });
        Assert.InRange(GraphFile.Length(builder.Graph) / (double)rows.Count, 160, 190);
        Assert.InRange(builder.Graph.Bytes / (double)rows.Count, 160, 190);
    }

    [Fact]
    public void Open_WithAnyHeaderByteChanged_Throws()
    {
        using var rows = Rows.Of("uniform", 300, 3);
        using HnswBuilder builder = rows.Build();
        using NativeArray<byte> memory = GraphBytes.Aligned(GraphBytes.Of(builder.Graph));
        for (int i = 0; i < GraphHeader.Size; i++)
        {
            memory.Pointer[i] ^= (byte)(1 << (i % 8));
            Exception error = Assert.ThrowsAny<ClssIndexException>(() => GraphBytes.Open(memory, rows));
            Assert.Contains("generation-7", error.Message, StringComparison.Ordinal);
            memory.Pointer[i] ^= (byte)(1 << (i % 8));
        }

        GraphFile.Verify(GraphBytes.Open(memory, rows));
    }

    /// <summary>Fields with values that a writer never gives, under a right checksum.</summary>
    [Theory]
    [InlineData(8, 2, "version")]
    [InlineData(12, 640, "out of range")]
    [InlineData(16, 1, "out of range")]
    [InlineData(16, 17, "Expected")]
    [InlineData(16, 1000, "out of range")]
    [InlineData(20, 3, "out of range")]
    [InlineData(32, 48, "out of range")]
    [InlineData(32, -16, "out of range")]
    [InlineData(36, 64, "out of range")]
    [InlineData(40, 0, "out of range")]
    [InlineData(40, -1, "out of range")]
    [InlineData(44, -1, "entry")]
    [InlineData(44, 500, "entry")]
    [InlineData(48, 0, "out of range")]
    [InlineData(48, 17, "out of range")]
    [InlineData(48, 1, "Expected")]
    [InlineData(64, 301, "Expected a graph over 300 rows")]
    [InlineData(64, -5, "nodes")]
    [InlineData(68, 1, "nodes")]
    [InlineData(72, 0, "does not lie")]
    [InlineData(96, 0, "nodes")]
    [InlineData(96, 299, "Expected")]
    [InlineData(104, 64, "does not lie")]
    [InlineData(112, 64, "does not lie")]
    [InlineData(120, 64, "does not lie")]
    public void Open_WithAFieldOutOfRange_NamesIt(int offset, int value, string expected)
    {
        using var rows = Rows.Of("uniform", 300, 3);
        using HnswBuilder builder = rows.Build();
        using NativeArray<byte> memory = GraphBytes.Aligned(GraphBytes.Of(builder.Graph));
        var header = new Span<byte>(memory.Pointer, GraphHeader.Size);
        BinaryPrimitives.WriteInt32LittleEndian(header[offset..], value);
        uint checksum = Crc32C.Append(Crc32C.Append(0, header[..60]), header[64..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], checksum);
        Exception error = Assert.ThrowsAny<ClssIndexException>(() => GraphBytes.Open(memory, rows));
        Assert.Contains("generation-7", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Open_OfAnyOtherLength_Throws()
    {
        using var rows = Rows.Of("uniform", 100, 3);
        using HnswBuilder builder = rows.Build();
        byte[] bytes = GraphBytes.Of(builder.Graph);
        foreach (int length in (int[])[0, 1, 63, GraphHeader.Size - 1, GraphHeader.Size, bytes.Length - 1, bytes.Length + 64])
        {
            using NativeArray<byte> memory = GraphBytes.Aligned([.. bytes.Concat(new byte[64]).Take(length)]);
            Assert.Throws<CorruptCollectionException>(() => GraphBytes.Open(memory, rows));
        }

        using NativeArray<byte> shifted = GraphBytes.Aligned([0, .. bytes]);
        Assert.Throws<CorruptCollectionException>(() => GraphFile.Open(shifted.Pointer + 1, bytes.Length, 100, 32, "f", "s"));
    }

    [Fact]
    public void Search_OverDamagedLinks_FindsRowsOrNamesTheDamage()
    {
        using var rows = Rows.Of("uniform", 500, 3);
        using HnswBuilder builder = rows.Build(new HnswParameters { M = 8, EfConstruction = 40 });
        byte[] bytes = GraphBytes.Of(builder.Graph);
        using var scratch = new HnswScratch(rows.Stride);
        int refused = 0;
        int found = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            using NativeArray<byte> memory = GraphBytes.Aligned(bytes);
            for (int i = 0; i < 1 + (3 * seed); i++)
            {
                int offset = random.Next(GraphHeader.Size + (500 * 32), bytes.Length);
                memory.Pointer[offset] = (byte)random.Next(256);
            }

            HnswGraph graph = GraphBytes.Open(memory, rows);
            CorruptCollectionException named = Assert.Throws<CorruptCollectionException>(() => GraphFile.Verify(graph));
            Assert.Equal(("generation-7", "section Graph"), (named.File, named.Section));
            for (int query = 0; query < 20; query++)
            {
                try
                {
                    Assert.All(rows.Search(graph, rows[query], 10, Settings, scratch), hit => Assert.InRange(hit.Ordinal, 0, 499));
                    found++;
                }
                catch (CorruptCollectionException)
                {
                    refused++;
                }
            }

            try
            {
                HnswBuilder.From(graph, [.. Enumerable.Range(0, 500).Select(row => row < 100 ? -1 : row - 100)], rows[100], 400).Dispose();
            }
            catch (CorruptCollectionException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0 && found > 0, $"{refused} refused, {found} searched");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Verify_OfADamagedUpperLevel_Throws(int array)
    {
        using var rows = Rows.Of("uniform", 500, 3);
        using HnswBuilder builder = rows.Build(new HnswParameters { M = 4, EfConstruction = 40 });
        GraphLevel level = builder.Graph.Levels[1];
        int* damaged = array == 1 ? level.Rows : level.Down;
        damaged[0] = (damaged[0] + 1) % 500;
        Assert.Throws<CorruptCollectionException>(() => GraphFile.Verify(builder.Graph));
    }

    [Fact]
    public void Verify_OfADamagedCode_Throws()
    {
        using var rows = Rows.Of("uniform", 100, 3);
        using HnswBuilder builder = rows.Build();
        builder.Graph.Codes[77] = 0;
        Assert.Contains("code of row 2", Assert.Throws<CorruptCollectionException>(() => GraphFile.Verify(builder.Graph)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Place_OfAGraphOf2To31Rows_CountsBeyond32Bits()
    {
        var graph = new HnswGraph(new HnswParameters(), 32, "f", "s") { LevelCount = 2 };
        graph.Levels[0] = new GraphLevel { Count = int.MaxValue, Degree = 32, Links = (int*)4096 };
        graph.Levels[1] = new GraphLevel { Count = 1 << 27, Degree = 16 };
        const long Expected = 576 + ((1L << 31) * 160) + ((1L << 27) * 72);
        Assert.InRange(GraphFile.Length(graph), Expected - 512, Expected);
        Assert.Equal(4096 + ((int.MaxValue - 1) * 128L), (long)graph.Levels[0].LinksOf(int.MaxValue - 1));
        Assert.InRange(graph.Bytes, Expected - 2048, Expected);
    }
}

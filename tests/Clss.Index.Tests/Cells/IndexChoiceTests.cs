using Clss.Index.Hnsw;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Which partitions get cells, and that a collection says so and remembers what was asked for.</summary>
public sealed class IndexChoiceTests : IDisposable
{
    private const int Threshold = 20_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(IndexKind.Auto, 0, IndexKind.Exact)]
    [InlineData(IndexKind.Auto, 1, IndexKind.Exact)]
    [InlineData(IndexKind.Auto, Threshold - 1, IndexKind.Exact)]
    [InlineData(IndexKind.Auto, Threshold, IndexKind.Cells)]
    [InlineData(IndexKind.Auto, int.MaxValue, IndexKind.Cells)]
    [InlineData(IndexKind.Cells, 0, IndexKind.Exact)]
    [InlineData(IndexKind.Cells, 1, IndexKind.Cells)]
    [InlineData(IndexKind.Exact, 0, IndexKind.Exact)]
    [InlineData(IndexKind.Exact, int.MaxValue, IndexKind.Exact)]
    public void For_OfRows_ChoosesAndSaysWhy(IndexKind asked, int rows, IndexKind expected)
    {
        var choice = IndexChoice.For(new IndexOptions { Kind = asked }, rows);
        Assert.Equal(expected, choice.Kind);
        Assert.Contains(rows == 0 ? "no rows" : asked == IndexKind.Auto ? "20,000" : "asked for", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_OfPartitionsAroundTheThreshold_SaysWhichHaveCells()
    {
        string directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(directory, new CollectionOptions { Dimension = 4 }))
        {
            Assert.Equal("exact", collection.Info.IndexKind);
            Fill(collection, "below", 0, Threshold - 1);
            Fill(collection, "at", 0, Threshold);
            collection.Compact();
            Check(collection, IndexKind.Exact, IndexKind.Cells);
            Assert.Equal("mixed", collection.Info.IndexKind);

            // Rows written since do not change what the generation has; the next one has what its rows need.
            Fill(collection, "below", Threshold, 1);
            collection.Delete("5", "at");
            Fill(collection, "late", 0, 3);
            Check(collection, IndexKind.Exact, IndexKind.Cells);
            PartitionInfo late = collection.Info.Partitions.Single(partition => partition.Name == "late");
            Assert.Equal((IndexKind.Exact, 0, 0L), (late.Index, late.Cells, late.IndexBytes));
            Assert.Contains("since the last generation", late.IndexReason, StringComparison.Ordinal);
            collection.Delete("0", "late");
            collection.Delete("1", "late");
            collection.Delete("2", "late");
            collection.Compact();
            Check(collection, IndexKind.Cells, IndexKind.Exact);
        }

        using VectorCollection reopened = VectorCollection.Open(directory);
        Check(reopened, IndexKind.Cells, IndexKind.Exact);

        static void Check(VectorCollection collection, IndexKind below, IndexKind at)
        {
            IReadOnlyList<PartitionInfo> partitions = collection.Info.Partitions;
            foreach ((string name, IndexKind kind) in ((string, IndexKind)[])[("below", below), ("at", at)])
            {
                PartitionInfo partition = partitions.Single(partition => partition.Name == name);
                Assert.Equal(kind, partition.Index);
                Assert.Equal(kind == IndexKind.Cells, partition.Cells > 100);
                Assert.Equal(kind == IndexKind.Cells, partition.IndexBytes > 100);
                Assert.Contains(kind == IndexKind.Cells ? "from 20,000 rows on" : "below 20,000", partition.IndexReason, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(IndexKind.Cells, "cells")]
    [InlineData(IndexKind.Hnsw, "hnsw")]
    [InlineData(IndexKind.Exact, "exact")]
    [InlineData(IndexKind.Auto, "exact")]
    public void Open_OfACollection_KeepsItsOptions(IndexKind kind, string name)
    {
        string directory = _folder.File("db");
        var asked = new IndexOptions { Kind = kind, Cells = new CellParameters { RowsPerCell = 10 }, Hnsw = new HnswParameters { M = 5, EfConstruction = 50, Seed = -2 }, Seed = ulong.MaxValue };
        VectorCollection.Create(directory, new CollectionOptions { Dimension = 4, Index = asked }).Dispose();
        for (int round = 0; round < 2; round++)
        {
            using VectorCollection collection = VectorCollection.Open(directory, OpenMode.ReadWrite);
            Fill(collection, "", 100 * round, 100);
            collection.Compact();
            PartitionInfo partition = collection.Info.Partitions.Single();
            Assert.Equal(name, collection.Info.IndexKind);
            Assert.Equal(kind == IndexKind.Cells, partition.Cells > 0);
            Assert.InRange(partition.Cells, 0, 10 * (round + 1));
        }

        string manifest = File.ReadAllText(Path.Combine(directory, "MANIFEST"));
        Assert.Contains("\"minor\":1", manifest, StringComparison.Ordinal);
        string rows = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Directory.GetFiles(directory, "rows-*.clss").Single()));
        Assert.Contains($"\"index\":{{\"kind\":\"{kind}\",\"rowsPerCell\":10,\"seed\":18446744073709551615,\"hnsw\":{{\"m\":5,\"efConstruction\":50,\"seed\":-2}}}}", rows, StringComparison.Ordinal);
    }

    /// <summary>A generation as a program wrote it that builds no indexes, or that asked for another: the kinds differ in one word of the schema.</summary>
    [Fact]
    public void Info_OfAGenerationWithAnotherIndex_SaysWhatCompactionBuilds()
    {
        string directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(directory, new CollectionOptions { Dimension = 4, Index = new IndexOptions { Kind = IndexKind.Exact } }))
        {
            Fill(collection, "", 0, Threshold);
            collection.Compact();
        }

        SectionEdit edit = SectionEdit.Of(directory);

        // Format 1.0 has no member of this name.
        edit.Write(SectionKind.Schema, 0, payload => "xndex"u8.CopyTo(payload[payload.IndexOf("index"u8)..]));
        Check(IndexKind.Exact, "the generation was written without an index; compaction builds cells: from 20,000 rows on");
        edit.Write(SectionKind.Schema, 0, payload => "Cells"u8.CopyTo(payload[payload.IndexOf("Exact"u8)..]));
        Check(IndexKind.Exact, "the generation was written without an index; compaction builds cells: asked for");
        using (VectorCollection collection = VectorCollection.Open(directory, OpenMode.ReadWrite))
        {
            collection.Compact();
        }

        Check(IndexKind.Cells, "asked for");
        SectionEdit.Of(directory).Write(SectionKind.Schema, 0, payload => "Exact"u8.CopyTo(payload[payload.IndexOf("Cells"u8)..]));
        Check(IndexKind.Cells, "the generation was written with cells; compaction builds no index: asked for");

        void Check(IndexKind kind, string reason)
        {
            using VectorCollection collection = VectorCollection.Open(directory);
            PartitionInfo partition = collection.Info.Partitions.Single();
            Assert.Equal(kind, partition.Index);
            Assert.StartsWith(reason, partition.IndexReason, StringComparison.Ordinal);
        }
    }

    private static void Fill(VectorCollection collection, string partition, int first, int count)
    {
        var random = new Random(first + count);
        collection.Upsert([.. Enumerable.Range(first, count).Select(row => new VectorEntry
        {
            Key = $"{row}",
            Partition = partition,
            Vector = new float[] { random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, 0.1f },
        })]);
    }
}

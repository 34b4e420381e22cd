using System.Runtime.InteropServices;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>The collection with cells that the release wrote which introduced them, and its sections read as docs/formats/collection-v1.md describes them.</summary>
[Trait("Tier", "any")]
public sealed unsafe class CellFormatTests : IDisposable
{
    private const int Dimension = 10;
    private const int Stride = 16;
    private const int Generation = 3;

    private readonly TemporaryFolder _folder = new();

    private static string Fixture => Path.Combine(Repository.Root, "tests", "data", "formats", "v1", "cells");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_OfVersion1WithCells_ReadsEveryRowInOrder()
    {
        Assert.Empty(VectorCollection.Verify(Fixture).Damages);
        Assert.Contains("\"minor\":1", File.ReadAllText(Path.Combine(Fixture, "MANIFEST")), StringComparison.Ordinal);
        using var collection = VectorCollection.Open(Fixture);
        string[] expected = File.ReadAllLines(Fixture + ".txt");
        Assert.Equal(expected, collection.ReadAll().Select(Samples.Describe));
        CollectionInfo info = collection.Info;
        Assert.Equal((expected.Length, Dimension, "sha256:00ff", "fixture", (long)Generation, "cells"), (info.Count, info.Dimension, info.Model, info.ModelName, info.Generation, info.IndexKind));
        Assert.Equal([("a", IndexKind.Cells), ("b", IndexKind.Cells), ("c", IndexKind.Exact)], info.Partitions.Select(partition => (partition.Name, partition.Index)));
        Assert.Null(collection.Find("row5", "a"));
        Assert.Null(collection.Find("row11", "b"));
        Assert.Equal("c", collection.Find("row1000")!.Partition);
    }

    [Fact]
    public void Search_OfVersion1WithCells_FindsWhatANaiveScanFinds()
    {
        using var collection = VectorCollection.Open(Fixture);
        var rows = new NaiveRows(collection);
        for (int i = 0; i < 60; i++)
        {
            float[] query = i % 2 == 0 ? Samples.Unit(i, Dimension) : CellData.Vector("clusters", i, Dimension, 1);
            foreach (SearchOptions options in (SearchOptions[])[new() { K = 7, Exact = true }, new() { K = 7, Recall = 1 }, new() { K = 7, Probes = 1000 }])
            {
                Assert.Equal(rows.Search(query, 7), CellData.Search(collection, query, options));
                Assert.Equal(rows.Search(query, 7, null, "a"), CellData.Search(collection, query, options with { Partition = "a" }));
            }
        }

        Neighbor[] found = CellData.Search(collection, CellData.Vector("clusters", 100, Dimension, 1), new SearchOptions { K = 3, Recall = 0.9 });
        Assert.Equal(("row100", "a"), (collection[found[0].Ordinal].Key, collection[found[0].Ordinal].Partition));
    }

    [Fact]
    public void Compact_OfACopyOfVersion1WithCells_KeepsRowsAndOrder()
    {
        string directory = _folder.File("copy");
        Directory.CreateDirectory(directory);
        foreach (string path in Directory.GetFiles(Fixture))
        {
            File.Copy(path, Path.Combine(directory, Path.GetFileName(path)));
        }

        string[] before = File.ReadAllLines(Fixture + ".txt");
        using VectorCollection collection = VectorCollection.Open(directory, OpenMode.ReadWrite);
        collection.Compact();
        Assert.Equal(before.OrderBy(line => line[0]), collection.ReadAll().Select(Samples.Describe));
        CellData.RequireCells(collection);
        Assert.Empty(VectorCollection.Verify(directory).Damages);
    }

    /// <summary>The hash that the release wrote down which made the collection: a newer program must find the same.</summary>
    [Fact]
    public void ContentHash_OfACollectionOfVersion1_IsThatOfTheReleaseThatWroteIt()
    {
        string small = Path.Combine(Repository.Root, "tests", "data", "formats", "v1", "small");
        Assert.Equal("sha256:1aeeca8ce67b465c7fa873f3f6963e8e4b2928ed44177698064d970cdd558b36", VectorCollection.ContentHash(small));
    }

    [Fact]
    public void Sections_OfCells_AreAsTheFormatSays()
    {
        var manifest = Manifest.Read(Fixture);
        using SectionFile file = SectionFile.Open(Path.Combine(Fixture, manifest.RowsFile), manifest.RowsBytes, Generation);
        var schema = Schema.Read(file.Get(SectionKind.Schema));
        Assert.Equal((IndexKind.Cells, 6, 42UL), (schema.Index.Kind, schema.Index.Cells.RowsPerCell, schema.Index.Seed));
        Assert.Equal(2, schema.Partitions.Count);
        float* vectors = (float*)file.Get(SectionKind.Vectors).Payload;
        for (int i = 0; i < schema.Partitions.Count; i++)
        {
            PartitionRange partition = schema.Partitions[i];
            ReadOnlySpan<uint> cellRows = Payload<uint>(file, 32, i, ElementType.UInt32, dimension: 0, out long cellOffsets);
            int cells = (int)cellOffsets - 1;
            ReadOnlySpan<uint> groupCells = Payload<uint>(file, 35, i, ElementType.UInt32, dimension: 0, out long groupOffsets);
            int groups = (int)groupOffsets - 1;
            Assert.Equal((0u, (uint)partition.Count), (cellRows[0], cellRows[^1]));
            Assert.Equal((0u, (uint)cells), (groupCells[0], groupCells[^1]));
            ReadOnlySpan<float> centroids = Payload<float>(file, 33, i, ElementType.Float32, Dimension, out long count);
            ReadOnlySpan<float> spreads = Payload<float>(file, 34, i, ElementType.Float32, 0, out long spreadCount);
            Assert.Equal((cells, cells, cells * Stride, cells * 2), (count, spreadCount, centroids.Length, spreads.Length));
            for (int cell = 0; cell < cells; cell++)
            {
                CheckMeasures(vectors, partition.Start + (int)cellRows[cell], partition.Start + (int)cellRows[cell + 1], centroids.Slice(cell * Stride, Stride), spreads.Slice(2 * cell, 2));
            }

            centroids = Payload<float>(file, 36, i, ElementType.Float32, Dimension, out count);
            spreads = Payload<float>(file, 37, i, ElementType.Float32, 0, out spreadCount);
            Assert.Equal((groups, groups, groups * Stride, groups * 2), (count, spreadCount, centroids.Length, spreads.Length));
            for (int group = 0; group < groups; group++)
            {
                Assert.Equal(0u, groupCells[group] % 16);
                int start = (int)cellRows[(int)groupCells[group]];
                int end = (int)cellRows[(int)groupCells[group + 1]];
                CheckMeasures(vectors, partition.Start + start, partition.Start + end, centroids.Slice(group * Stride, Stride), spreads.Slice(2 * group, 2));
            }

            float[] margins = Payload<float>(file, 38, i, ElementType.Float32, 0, out count).ToArray();
            Assert.Equal((20, 20), (count, margins.Length));
            Assert.Equal(margins.Order(), margins);
        }

        uint[] order = Payload<uint>(file, 39, 0, ElementType.UInt32, 0, out long rows).ToArray();
        Assert.Equal(schema.Rows, rows);
        foreach (PartitionRange partition in schema.Partitions)
        {
            Assert.Equal(Enumerable.Range(partition.Start, partition.Count), order[partition.Start..partition.End].Select(row => (int)row).Order());
        }

        Assert.NotEqual(order.Order(), order);
    }

    private static ReadOnlySpan<T> Payload<T>(SectionFile file, int kind, int item, ElementType type, int dimension, out long count)
        where T : unmanaged
    {
        Section section = file.Get((SectionKind)kind, item);
        Assert.Equal((type, dimension), (section.Header.ElementType, section.Header.Dimension));
        count = section.Header.Count;
        return MemoryMarshal.Cast<byte, T>(section.Bytes(0, section.Length));
    }

    private static void CheckMeasures(float* vectors, int start, int end, ReadOnlySpan<float> centroid, ReadOnlySpan<float> spread)
    {
        double total = 0;
        double largest = 0;
        for (int j = 0; j < Stride; j++)
        {
            double sum = 0;
            for (int row = start; row < end; row++)
            {
                sum += vectors[(row * Stride) + j];
            }

            Assert.Equal(start == end ? 0 : sum / (end - start), centroid[j], 1e-7);
        }

        for (int row = start; row < end; row++)
        {
            double distance = 0;
            for (int j = 0; j < Stride; j++)
            {
                distance += Math.Pow((double)vectors[(row * Stride) + j] - centroid[j], 2);
            }

            total += distance;
            largest = Math.Max(largest, Math.Sqrt(distance));
        }

        Assert.Equal(start == end ? 0 : Math.Sqrt(total / (end - start) / Stride), spread[0], 1e-6);
        Assert.True(spread[1] >= largest && spread[1] <= (largest * 1.00001) + 1e-9, $"radius {spread[1]} of rows within {largest}");
    }
}

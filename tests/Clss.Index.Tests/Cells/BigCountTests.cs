using System.IO.MemoryMappedFiles;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Metrics;
using Clss.Index.Vectors;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Rows beyond 2^31 bytes of codes and 2^33 bytes of vectors, in files with holes, so that only the last rows take room.</summary>
public sealed unsafe class BigCountTests : IDisposable
{
    private const int Dimension = 32;
    private const int Rows = 80_000_000;
    private const int Filled = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly List<IDisposable> _mappings = [];

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Scan_OfRowsFarFromTheFirst_FindsThem(int before)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Files with holes are made without further ado on Linux only.");
        float* vectors = (float*)Map("vectors", (long)Rows * Dimension * sizeof(float));
        byte* codes = Map("codes", (long)Rows * Dimension);
        float* scales = (float*)Map("scales", (long)Rows / VectorLayout.CodeBlockRows * 2 * sizeof(float));
        var random = new Random(before);
        for (int row = Rows - Filled; row < Rows; row++)
        {
            Samples.Unit(random.Next(), Dimension).CopyTo(new Span<float>(vectors + ((long)row * Dimension), Dimension));
        }

        for (long block = (Rows - Filled) / VectorLayout.CodeBlockRows; block < Rows / VectorLayout.CodeBlockRows; block++)
        {
            long first = block * VectorLayout.CodeBlockRows * Dimension;
            (scales[2 * block], scales[(2 * block) + 1]) = CodeQuantizer.Encode(vectors + first, Dimension, codes + first);
        }

        var alive = new ulong[VectorLayout.Words(Rows)];
        alive[^1] = ulong.MaxValue;
        var range = new ScanRange
        {
            Vectors = new StoredVectors(vectors, Dimension),
            Codes = codes,
            Scales = scales,
            Stride = Dimension,
            FirstOrdinal = 0,
            Start = Rows - Filled + before,
            End = Rows,
            Alive = alive,
            Partition = -1,
        };
        using var scratch = new SearchScratch(Dimension);
        scratch.SetQuery(Samples.Unit(-1, Dimension), Dimension);
        var query = new Int8Query(scratch.Query, Dimension, scratch.Words);
        Neighbor[] expected = Naive(vectors, scratch.Query, range.Start);

        Assert.Equal(expected, Found((ref TopK best) => FlatSearcher.Scan(range, scratch.Query, null, ref best)));
        Assert.Equal(expected, Found((ref TopK best) => FlatSearcher.Scan(range, scratch.Query, query, ref best)));
        Assert.Equal(expected, Found((ref TopK best) =>
        {
            var rows = new CellRows(range, scratch, query, isFull: true);
            rows.Prefetch(range.Start, Rows);
            rows.Score(rows.Scan(range.Start, Rows, float.NegativeInfinity, 0, ref best), ref best);
        }));
        Assert.Equal(expected, Found((ref TopK best) => new CellRows(range, scratch, query, isFull: true).ScoreList([.. Enumerable.Range(range.Start, Rows - range.Start)], ref best)));
    }

    public void Dispose()
    {
        _mappings.ForEach(mapping => mapping.Dispose());
        _folder.Dispose();
    }

    private delegate void Search(ref TopK best);

    private static Neighbor[] Found(Search search)
    {
        var neighbors = new Neighbor[10];
        var best = new TopK(neighbors);
        search(ref best);
        best.Sort();
        return neighbors[..best.Count];
    }

    private static Neighbor[] Naive(float* vectors, float* query, int start) =>
        [.. Enumerable.Range(start, Rows - start)
            .Select(row => new Neighbor(row, CosineOfUnitVectors.SimilarityScalar(vectors + ((long)row * Dimension), query, Dimension)))
            .OrderByDescending(neighbor => neighbor.Similarity).ThenBy(neighbor => neighbor.Ordinal).Take(10)];

    private byte* Map(string name, long bytes)
    {
        var file = MemoryMappedFile.CreateFromFile(_folder.File(name), FileMode.Create, null, bytes);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, bytes);
        _mappings.Add(view);
        _mappings.Add(file);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer;
    }
}

using System.Diagnostics;
using System.Globalization;
using Clss.Index;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Vectors;
using Clss.ScaleBenchmark.FourBit;
using Clss.Testing.SyntheticDomains;

namespace Clss.ScaleBenchmark;

/// <summary>
/// One run: divides the rows of a file into cells, writes them in the order of the cells, codes them, and searches. Each stage prints its time, the
/// processor time of all threads, and the memory in use.
/// </summary>
internal sealed unsafe class ScaleRun : IDisposable
{
    private const int Dimension = 32;
    private const int K = 10;
    private const int Queries = 10_000;
    private const int QueriesCompared = 500;
    private const ulong Seed = 42;

    private readonly int _rows;
    private readonly string _folder;
    private readonly CodeChoice _codes;
    private readonly int _threads = Environment.ProcessorCount;
    private readonly SearchScratch _scratch = new(Dimension);

    public ScaleRun(int rows, string folder, CodeChoice codes)
    {
        _rows = rows;
        _folder = folder;
        _codes = codes;
    }

    public void Run()
    {
        string basePath = Path.Combine(_folder, "base.f32");
        long bytes = (long)_rows * Dimension * sizeof(float);
        var data = new SyntheticData();
        if (!File.Exists(basePath) || new FileInfo(basePath).Length < bytes)
        {
            Stage("generate", () => data.WriteFile(basePath, SyntheticKind.Base, _rows));
        }

        CellLayout layout = null!;
        float[] margins = null!;
        using (MappedVectors source = MappedVectors.Open(basePath, bytes))
        {
            (layout, margins) = Cells(new RowSource(source.Pointer, _rows, Dimension));
            Stage("write in the order of cells", () => WriteSorted(source, layout.Order));
        }

        Console.WriteLine($"cells {layout.CellStarts.Length - 1:n0}, groups {layout.GroupCells.Length - 1:n0}, rows per cell {_rows / (double)(layout.CellStarts.Length - 1):f1}");
        using MappedVectors sorted = MappedVectors.Open(SortedPath, bytes);
        using var codes = new CodedRows(_rows, Dimension);
        Stage("codes", () => codes.Encode(sorted.Pointer, _threads));
        fixed (int* cellStarts = layout.CellStarts)
        fixed (int* groupCells = layout.GroupCells)
        {
            using CellIndex index = CellIndex.Of(layout, margins, (uint*)cellStarts, (uint*)groupCells, Dimension);
            Console.WriteLine($"memory of the index beside the vectors: {(codes.Bytes + index.Bytes) / 1e6:f0} MB, {(codes.Bytes + index.Bytes) / (double)_rows:f1} bytes a row");
            Search(index, sorted, codes, data.Vectors(SyntheticKind.Query, Queries));
        }
    }

    public void Dispose()
    {
        _scratch.Dispose();
        File.Delete(SortedPath);
    }

    /// <summary>Builds the cells. Comparisons of codes, which are run again and again, keep them beside the vectors.</summary>
    private (CellLayout Layout, float[] Margins) Cells(RowSource rows)
    {
        string path = Path.Combine(_folder, $"cells-{_rows}.bin");
        if (_codes != CodeChoice.Int8 && File.Exists(path))
        {
            return LayoutFile.Read(path);
        }

        CellLayout layout = Stage("cells", () => new CellBuilder(rows, CellSizes.For(_rows, 0), Seed, _threads).Build());
        float[] margins = Stage("calibrate", () => new CellCalibration(rows, layout, Seed, _threads).Measure());
        if (_codes != CodeChoice.Int8)
        {
            LayoutFile.Write(path, layout, margins);
        }

        return (layout, margins);
    }

    private string SortedPath => Path.Combine(_folder, "sorted.f32");

    private void Search(CellIndex index, MappedVectors vectors, CodedRows codes, float[] queries)
    {
        var alive = new ulong[VectorLayout.Words(_rows)];
        Array.Fill(alive, ulong.MaxValue);
        var range = new ScanRange
        {
            Vectors = new StoredVectors(vectors.Pointer, Dimension),
            Codes = codes.Codes,
            Scales = codes.Scales,
            Stride = Dimension,
            FirstOrdinal = 0,
            Start = 0,
            End = _rows,
            Alive = alive,
            Partition = -1,
        };
        var truth = new Neighbor[QueriesCompared * K];
        double exact = Cpu(() => ForEach(queries, QueriesCompared, truth, (codesOfQuery, memory) =>
        {
            var best = new TopK(memory);
            FlatSearcher.Scan(range, _scratch.Query, codesOfQuery, ref best);
            best.Sort();
        }));
        Console.WriteLine($"exact scan: {exact / QueriesCompared * 1e3:f2} ms a query");
        if (_codes != CodeChoice.Int8)
        {
            using var comparison = new CodeComparison(index, range, queries);
            comparison.Run(_codes, _threads, truth, Queries / QueriesCompared);
            return;
        }

        double bounded = Cpu(() => ForEach(queries, QueriesCompared, new Neighbor[QueriesCompared * K], (codesOfQuery, memory) =>
        {
            var best = new TopK(memory);
            new CellSearcher(index, range, _scratch, codesOfQuery, null, isFull: true).RunExact(ref best);
        }));
        Console.WriteLine($"exact by bounds of cells: {bounded / QueriesCompared * 1e3:f2} ms a query");
        Console.WriteLine("recall setting\trecall@10\tqueries/s of one thread\tmicroseconds");
        foreach (double recall in new[] { 0.9, 0.95, 0.99, 0.995, 0.999 })
        {
            var found = new Neighbor[Queries * K];
            float margin = index.Margins.For(recall);
            void SearchAll() => ForEach(queries, Queries, found, (codesOfQuery, memory) =>
            {
                var best = new TopK(memory);
                new CellSearcher(index, range, _scratch, codesOfQuery, null, isFull: true).Run(margin, ref best);
                best.Sort();
            });
            SearchAll();
            double[] seconds = [.. Enumerable.Range(0, 3).Select(_ => Cpu(SearchAll)).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recall}\t{Recall(found, truth):f4}\t{Queries / seconds[1]:f0}\t{seconds[1] / Queries * 1e6:f1}"));
        }
    }

    /// <summary>Every twentieth query is compared, so that all kinds of queries are.</summary>
    private void ForEach(float[] queries, int count, Neighbor[] results, SearchOne search)
    {
        int step = Queries / count;
        for (int i = 0; i < count; i++)
        {
            _scratch.SetQuery(queries.AsSpan(i * step * Dimension, Dimension), Dimension);
            search(new Int8Query(_scratch.Query, Dimension, _scratch.Words), results.AsSpan(i * K, K));
        }
    }

    private static double Recall(Neighbor[] found, Neighbor[] truth)
    {
        int hits = 0;
        int step = Queries / QueriesCompared;
        for (int i = 0; i < QueriesCompared; i++)
        {
            foreach (Neighbor row in found.AsSpan(i * step * K, K))
            {
                hits += truth.AsSpan(i * K, K).Contains(row) ? 1 : 0;
            }
        }

        return hits / (double)(QueriesCompared * K);
    }

    private void WriteSorted(MappedVectors source, int[] order)
    {
        const int RowsAtATime = 1 << 16;
        using var stream = new FileStream(SortedPath, FileMode.Create, FileAccess.Write, FileShare.Read, 0);
        var buffer = new byte[RowsAtATime * Dimension * sizeof(float)];
        for (int first = 0; first < order.Length; first += RowsAtATime)
        {
            int count = Math.Min(RowsAtATime, order.Length - first);
            Parallel.For(0, count, i => new ReadOnlySpan<byte>(source.Pointer + ((long)order[first + i] * Dimension), Dimension * sizeof(float))
                .CopyTo(buffer.AsSpan(i * Dimension * sizeof(float))));
            stream.Write(buffer, 0, count * Dimension * sizeof(float));
        }
    }

    private static double Cpu(Action action)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static void Stage(string name, Action action) => Stage(name, () =>
    {
        action();
        return 0;
    });

    private static T Stage<T>(string name, Func<T> action)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        T result = action();
        using Process self = Process.GetCurrentProcess();
        string memory = string.Create(CultureInfo.InvariantCulture, $"managed {GC.GetTotalMemory(false) / 1e9:f2} GB, peak resident {self.PeakWorkingSet64 / 1e9:f2} GB with mapped files");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {clock.Elapsed.TotalSeconds:f1} s, processor {(Environment.CpuUsage.TotalTime - before).TotalSeconds:f1} s; {memory}"));
        return result;
    }

    private delegate void SearchOne(Int8Query codes, Span<Neighbor> results);
}

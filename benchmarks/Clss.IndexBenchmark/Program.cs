using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index;

namespace Clss.IndexBenchmark;

/// <summary>
/// Exact search over clustered unit vectors made by formula: latency of one query, time per query in batches, bandwidth against a plain sweep of
/// memory in the same run, bytes allocated, and the times to load, open and verify. `dotnet run -c Release --project benchmarks/Clss.IndexBenchmark -- --help`.
/// </summary>
internal static class Program
{
    private const string Help = """
        Clss.IndexBenchmark: exact search over clustered unit vectors made by formula.
        Usage: dotnet run -c Release --project benchmarks/Clss.IndexBenchmark -- [--rows N] [--dimension D] [--batch Q] [--k K] [--threads T] [--rounds R]
          --rows N        rows of the collection (default 1000000)
          --dimension D   numbers per vector (default 32)
          --batch Q       queries per batch (default 100)
          --k K           neighbors per query (default 10)
          --threads T     threads of a batch; a single query uses one (default: all cores)
          --rounds R      timed rounds; the median is printed (default 15)
        """;

    private static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (args.Contains("--help") || args.Length % 2 != 0)
        {
            Console.WriteLine(Help);
            return args.Contains("--help") ? 0 : 2;
        }

        int rows = Option(args, "--rows", 1_000_000);
        int dimension = Option(args, "--dimension", 32);
        string folder = Directory.CreateTempSubdirectory("clss-bench-").FullName;
        try
        {
            Console.WriteLine($".NET {Environment.Version}, {Environment.ProcessorCount} cores, AVX-512 {Avx512F.IsSupported}, AVX-VNNI {AvxVnni.IsSupported}, vectors of {Tier()} bits");
            string path = Path.Combine(folder, "db");
            Load(path, rows, dimension);
            Measure(path, args, rows, dimension);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Tier() => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    private static void Load(string path, int rows, int dimension)
    {
        var clock = Stopwatch.StartNew();
        var options = new CollectionOptions { Dimension = dimension, Columns = [new ColumnDefinition("length", ColumnType.Integer), new ColumnDefinition("family", ColumnType.Text)] };
        using var collection = VectorCollection.Create(path, options);
        var entries = new List<VectorEntry>();
        for (int row = 0; row < rows; row++)
        {
            int cluster = Clusters.ClusterOf(row);
            entries.Add(new VectorEntry
            {
                Key = $"domain{row}",
                Vector = Clusters.Vector(row, dimension),
                Metadata = new Dictionary<string, MetadataValue> { ["length"] = MetadataValue.Integer(row % 977), ["family"] = MetadataValue.Text($"F{cluster}") },
            });
            if (entries.Count == 10_000 || row == rows - 1)
            {
                collection.Upsert(entries);
                entries.Clear();
            }
        }

        double made = clock.Elapsed.TotalSeconds;
        collection.Compact();
        double total = clock.Elapsed.TotalSeconds;
        Console.WriteLine($"load: {rows} rows x {dimension} in {total:F2} s (making and adding {made:F2} s, writing {total - made:F2} s, {collection.Info.BytesOnDisk / 1e6:F1} MB)");
    }

    private static void Measure(string path, string[] args, int rows, int dimension)
    {
        int batch = Option(args, "--batch", 100);
        int k = Option(args, "--k", 10);
        int threads = Option(args, "--threads", Environment.ProcessorCount);
        int rounds = Option(args, "--rounds", 15);
        var clock = Stopwatch.StartNew();
        using var collection = VectorCollection.Open(path);
        Console.WriteLine($"open: {clock.Elapsed.TotalMilliseconds:F2} ms");
        clock.Restart();
        VerifyReport report = VectorCollection.Verify(path);
        Console.WriteLine($"verify: {clock.Elapsed.TotalSeconds:F2} s, {report.Bytes / 1e6 / clock.Elapsed.TotalSeconds:F0} MB/s, intact {report.IsIntact}");

        double sweep = SweepBandwidth(rows * (long)dimension * sizeof(float), rounds);
        Console.WriteLine($"memory: one thread reads {sweep:F1} GB/s");
        var queries = new float[batch * dimension];
        for (int i = 0; i < batch; i++)
        {
            Clusters.Vector(rows + (i * 7919), dimension).CopyTo(queries, i * dimension);
        }

        foreach (ScanPrecision precision in (ScanPrecision[])[ScanPrecision.Float32, ScanPrecision.Int8])
        {
            var search = new SearchOptions { K = k, Precision = precision };
            double bytes = rows * (long)dimension * (precision == ScanPrecision.Float32 ? sizeof(float) : 1.0 + (0.5 / dimension));
            MeasureSingle(collection, search, queries, dimension, rounds, bytes, sweep);
            MeasureBatch(collection, search, queries, batch, rounds, threads);
        }
    }

    private static void MeasureSingle(VectorCollection collection, SearchOptions search, float[] queries, int dimension, int rounds, double bytes, double sweep)
    {
        var neighbors = new Neighbor[search.K];
        int count = queries.Length / dimension;
        var times = new double[rounds * Math.Min(count, 20)];
        long allocated = 0;
        for (int round = -20; round < times.Length; round++)
        {
            ReadOnlySpan<float> query = queries.AsSpan((round + 20) % count * dimension, dimension);
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            collection.Search(query, search, neighbors);
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (round >= 0)
            {
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                times[round] = elapsed;
            }
        }

        double median = Median(times);
        double bandwidth = bytes / median / 1e6;
        Console.WriteLine($"{search.Precision,-8} single: {median:F3} ms a query ({1000 / median:F0} a second), {bandwidth:F1} GB/s = {bandwidth / sweep:P0} of the sweep, {allocated} bytes allocated in {times.Length} searches");
    }

    private static void MeasureBatch(VectorCollection collection, SearchOptions search, float[] queries, int batch, int rounds, int threads)
    {
        var neighbors = new Neighbor[batch * search.K];
        var counts = new int[batch];
        foreach (int used in threads > 1 ? (int[])[1, threads] : [1])
        {
            var times = new double[rounds];
            TimeSpan processor = default;
            for (int round = -3; round < rounds; round++)
            {
                processor = round == 0 ? Environment.CpuUsage.TotalTime : processor;
                long start = Stopwatch.GetTimestamp();
                collection.SearchBatch(queries, search, neighbors, counts, used);
                if (round >= 0)
                {
                    times[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / batch;
                }
            }

            double processorTime = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / rounds / batch;
            Console.WriteLine($"{search.Precision,-8} batch of {batch}, {used} thread(s): {Median(times):F4} ms a query ({1000 / Median(times):F0} a second), {processorTime:F4} ms of processor time");
        }
    }

    /// <summary>GB/s of a thread that adds up as many bytes as the vectors take.</summary>
    private static unsafe double SweepBandwidth(long bytes, int rounds)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        try
        {
            NativeMemory.Fill(memory, (nuint)bytes, 1);
            var times = new double[rounds];
            ulong sink = 0;
            for (int round = 0; round < rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                sink += Sweep(memory, bytes);
                times[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            return sink == 0 ? 0 : bytes / Median(times) / 1e9;
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static unsafe ulong Sweep(byte* memory, long bytes)
    {
        Vector256<ulong> a = default, b = default, c = default, d = default;
        for (long i = 0; i + 128 <= bytes; i += 128)
        {
            a += Vector256.Load((ulong*)(memory + i));
            b += Vector256.Load((ulong*)(memory + i + 32));
            c += Vector256.Load((ulong*)(memory + i + 64));
            d += Vector256.Load((ulong*)(memory + i + 96));
        }

        return Vector256.Sum(a + b + c + d);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static int Option(string[] args, string name, int fallback)
    {
        int place = Array.IndexOf(args, name);
        return place < 0 ? fallback : int.Parse(args[place + 1], CultureInfo.InvariantCulture);
    }
}

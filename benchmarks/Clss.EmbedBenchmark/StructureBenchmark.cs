using System.Diagnostics;
using System.Globalization;
using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Weights;

namespace Clss.EmbedBenchmark;

/// <summary>A structure tower of ESM3-open's dimensions with formula-made weights, from disk to embedding. Usage: benchmarks/structures-embedding.md.</summary>
internal static class StructureBenchmark
{
    public static int Run(string folder, int threads, int[] lengths, int rounds, bool profile, bool single)
    {
        if (!File.Exists(Path.Combine(folder, "config.json")))
        {
            long writing = Stopwatch.GetTimestamp();
            StructureFormulaWeights.WriteFolder(folder, StructureFormulaWeights.Esm3Open, StructureFormulaWeights.Esm3OpenEncoder, single ? WeightType.Float32 : WeightType.BFloat16);
            Say($"wrote {folder} in {Stopwatch.GetElapsedTime(writing).TotalSeconds:F1} s");
        }

        int used = threads == 0 ? Environment.ProcessorCount : threads;
        double peak = PeakRate.Measure(used);
        var random = new Random(1);
        Backbone[] backbones = [.. lengths.Select(length => SyntheticBackbone.Create(random, length))];
        var cpu = new CpuTensorBackend(threads);
        ProfilingBackend? profiler = profile ? new ProfilingBackend(cpu) : null;
        using ClssEmbedder embedder = ClssEmbedder.Load(folder, new EmbedderOptions { Threads = threads, Backend = new Given(profiler is null ? cpu : profiler) });
        StructureForecast forecast = embedder.ForecastStructures(lengths);
        Say($"{cpu.Name}; {lengths.Length} structures, {lengths.Sum()} residues; peak of multiply-adds {peak / 1e9:F0} GFLOP/s");
        Say($"forecast {forecast.Seconds:F1} s, {forecast.SecondsPerStructure:F2} s each, {forecast.Operations / 1e9:F0} GFLOP, weights {forecast.WeightBytes >> 20} MiB, work {forecast.WorkBytes >> 20} MiB");
        long start = Stopwatch.GetTimestamp();
        _ = embedder.StructureTokens(SyntheticBackbone.Create(random, 1));
        Say($"loaded in {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");
        float[] pooled = new float[backbones.Length * embedder.StructurePooledDimension];
        embedder.PoolBatch([SyntheticBackbone.Create(random, 20)], pooled.AsSpan(0, embedder.StructurePooledDimension));
        for (int round = 0; round < rounds; round++)
        {
            profiler?.Reset();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            embedder.PoolBatch(backbones, pooled);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double busy = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
            peak = Math.Max(peak, PeakRate.Measure(used));
            double rate = forecast.Operations / seconds;
            Say($"{lengths.Sum() / seconds:F1} residues/s ({seconds:F2} s, {busy:F2} s of processor time), {rate / 1e9:F0} GFLOP/s, {rate / peak:P1} of the peak; per second of processor time {forecast.Operations / busy * used / peak:P1}");
            profiler?.Print(Console.Out, seconds);
        }

        using Process self = Process.GetCurrentProcess();
        Say($"{cpu.PeakActivationBytes >> 20} MiB for activations; resident {self.PeakWorkingSet64 >> 20} MiB at most, of which {OwnMemory() >> 20} MiB our own now, the rest pages of mapped files");
        return 0;
    }

    /// <summary>Memory that belongs to this process alone (Linux), in bytes.</summary>
    private static long OwnMemory()
    {
        const string field = "RssAnon:";
        string? line = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith(field, StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) << 10;
    }

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private sealed class Given(ITensorBackend backend) : TensorBackendFactory
    {
        public override ITensorBackend Create(int threads) => backend;
    }
}

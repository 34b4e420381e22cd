using System.Diagnostics;
using Clss.Embedder.Tensors;

namespace Clss.EmbedBenchmark;

/// <summary>Adds up the wall time of every kind of operation of another backend.</summary>
internal sealed class ProfilingBackend(ITensorBackend inner) : ITensorBackend
{
    private readonly SortedDictionary<string, (long Ticks, double Work)> _totals = [];

    public string Name => inner.Name;

    /// <summary>One line per operation: seconds, share, and GFLOP/s where the work is counted.</summary>
    public void Print(TextWriter writer, double wallSeconds)
    {
        foreach ((string name, (long ticks, double work)) in _totals.OrderByDescending(pair => pair.Value.Ticks))
        {
            double seconds = ticks / (double)Stopwatch.Frequency;
            string rate = work > 0 ? $"{work / seconds / 1e9,8:F0} GFLOP/s" : "";
            writer.WriteLine($"  {name,-28} {seconds,8:F3} s {seconds / wallSeconds,7:P1} {rate}");
        }
    }

    public void Reset() => _totals.Clear();

    public Tensor Upload(ReadOnlySpan<float> values, int rows, int columns) => inner.Upload(values, rows, columns);

    public LinearWeights UploadLinear(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs, LinearLayout layout = LinearLayout.Plain) =>
        inner.UploadLinear(weight, bias, outputs, inputs, layout);

    public LinearWeights UploadLinear(BFloat16Matrix weight, ReadOnlySpan<float> bias, LinearLayout layout = LinearLayout.Plain) =>
        inner.UploadLinear(weight, bias, layout);

    public void Write(ReadOnlySpan<float> values, Tensor destination) => inner.Write(values, destination);

    public void Download(Tensor source, Span<float> destination) => inner.Download(source, destination);

    public IDisposable BeginScope() => inner.BeginScope();

    public Tensor Allocate(int rows, int columns) => inner.Allocate(rows, columns);

    public void Embed(Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<float> scales, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Embed(table, ids, scales, destination);
        Count("embed", start, 0);
    }

    public void LayerNorm(Tensor source, Tensor weight, Tensor bias, float epsilon, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.LayerNorm(source, weight, bias, epsilon, destination);
        Count("layer norm", start, 0);
    }

    public void AddEmbedding(Tensor table, ReadOnlySpan<int> ids, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.AddEmbedding(table, ids, destination);
        Count("embed", start, 0);
    }

    public void Linear(Tensor source, LinearWeights weights, LinearOutput output, Tensor destination, float scale = 1f)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Linear(source, weights, output, destination, scale);
        Count($"linear {weights.Inputs}>{weights.Outputs} {output}", start, 2.0 * source.Rows * weights.Inputs * weights.Outputs);
    }

    public void GeometricAttention(Tensor projected, Tensor frames, PackedLengths lengths, GeometricAttentionParameters parameters, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.GeometricAttention(projected, frames, lengths, parameters, destination);
        Count("geometric attention", start, 0);
    }

    public void ArgMax(Tensor source, Span<int> destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.ArgMax(source, destination);
        Count("nearest code", start, 0);
    }

    public void Attention(
        Tensor queries, Tensor keys, Tensor values, PackedLengths lengths, AttentionParameters parameters, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Attention(queries, keys, values, lengths, parameters, destination);
        double pairs = 0;
        for (int i = 0; i < lengths.Count; i++)
        {
            pairs += (double)lengths.Length(i) * lengths.Length(i);
        }

        Count("attention", start, 4 * pairs * queries.Columns);
    }

    public void MeanPool(Tensor source, PackedLengths lengths, Tensor destination)
    {
        long start = Stopwatch.GetTimestamp();
        inner.MeanPool(source, lengths, destination);
        Count("mean", start, 0);
    }

    public void Dispose() => inner.Dispose();

    private void Count(string name, long start, double work)
    {
        (long ticks, double before) = _totals.GetValueOrDefault(name);
        _totals[name] = (ticks + Stopwatch.GetTimestamp() - start, before + work);
    }
}

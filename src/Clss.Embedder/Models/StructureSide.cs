using System.Diagnostics;
using Clss.Embedder.Models.Esm3;
using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models;

/// <summary>The structure side of an embedder: its files, and its tower from the first use on.</summary>
internal sealed class StructureSide(ITensorBackend backend, StructureSource source) : IDisposable
{
    private StructureTower? _tower;

    public int Dimension => source.Tower.Width;

    public string Fingerprint => source.Fingerprint;

    /// <summary>Loaded when first asked for: a model that is used for sequences only pays nothing.</summary>
    public StructureTower Tower => _tower ??= new StructureTower(
        backend,
        new StructureEncoder(backend, source.Encoder, new WeightScope(source.EncoderWeights)),
        new Esm3Model(backend, source.Tower, new WeightScope(source.TowerWeights)));

    public StructureForecast Forecast(ReadOnlySpan<int> lengths)
    {
        StructureCost cost = new(source);
        double operations = 0;
        long longest = 0, total = 0;
        foreach (int length in lengths)
        {
            operations += cost.Operations(length);
            longest = Math.Max(longest, length);
            total += length + 2L;
        }

        double seconds = operations / (MeasureRate() * StructureCost.ShareOfLinearRate);
        return new StructureForecast(
            seconds, lengths.IsEmpty ? 0 : seconds / lengths.Length, operations, cost.WeightBytes, cost.WorkBytes(longest, total));
    }

    public void Dispose() => source.Dispose();

    /// <summary>Floating-point operations per second of a linear layer, the best of a few.</summary>
    private double MeasureRate()
    {
        const int rows = 384, width = 512, rounds = 6;
        using IDisposable scope = backend.BeginScope();
        Tensor x = backend.Allocate(rows, width), y = backend.Allocate(rows, width);
        backend.Write(new float[rows * width], x);
        LinearWeights weights = _probe ??= backend.UploadLinear(new float[width * width], [], width, width);
        long best = long.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            backend.Linear(x, weights, LinearOutput.Store, y);
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
        }

        return 2.0 * rows * width * width / Math.Max(best, 1) * Stopwatch.Frequency;
    }

    private LinearWeights? _probe;
}

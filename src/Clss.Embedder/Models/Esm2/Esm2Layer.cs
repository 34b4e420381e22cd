using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm2;

/// <summary>A transformer block with LayerNorm before attention and before the feed-forward network (EsmLayer).</summary>
internal sealed class Esm2Layer
{
    /// <summary>
    /// Rows that the row-wise parts take at a time. Only attention needs a whole sequence; for the rest, memory
    /// does not grow with its length, and what one step leaves is still in the cache for the next.
    /// </summary>
    private const int RowsAtATime = 1536;

    private readonly ITensorBackend _backend;
    private readonly EsmConfig _config;
    private readonly Tensor _attentionNormWeight;
    private readonly Tensor _attentionNormBias;
    private readonly LinearWeights _queryKeyValue;
    private readonly LinearWeights _attentionOutput;
    private readonly Tensor _feedForwardNormWeight;
    private readonly Tensor _feedForwardNormBias;
    private readonly LinearWeights _intermediate;
    private readonly LinearWeights _output;

    public Esm2Layer(ITensorBackend backend, EsmConfig config, WeightScope weights)
    {
        _backend = backend;
        _config = config;
        int hidden = config.HiddenSize, inner = config.IntermediateSize;
        (_attentionNormWeight, _attentionNormBias) = Norm(weights.Sub("attention.LayerNorm"), hidden);
        _queryKeyValue = QueryKeyValue(weights.Sub("attention.self"), hidden);
        _attentionOutput = Linear(weights.Sub("attention.output.dense"), hidden, hidden);
        (_feedForwardNormWeight, _feedForwardNormBias) = Norm(weights.Sub("LayerNorm"), hidden);
        _intermediate = Linear(weights.Sub("intermediate.dense"), inner, hidden);
        _output = Linear(weights.Sub("output.dense"), hidden, inner);
    }

    /// <summary>x [total tokens, hidden] += attention, then += feed-forward network.</summary>
    public void Apply(Tensor x, PackedLengths lengths)
    {
        AddAttention(x, lengths);
        AddFeedForward(x);
    }

    private void AddAttention(Tensor x, PackedLengths lengths)
    {
        using IDisposable scope = _backend.BeginScope();
        int hidden = _config.HiddenSize;
        Tensor projected = _backend.Allocate(x.Rows, 3 * hidden);
        Tensor mixed = _backend.Allocate(x.Rows, hidden);
        Tensor normal = _backend.Allocate(Math.Min(x.Rows, RowsAtATime), hidden);
        for (int start = 0; start < x.Rows; start += RowsAtATime)
        {
            int rows = Math.Min(RowsAtATime, x.Rows - start);
            Tensor y = normal.SliceRows(0, rows);
            _backend.LayerNorm(x.SliceRows(start, rows), _attentionNormWeight, _attentionNormBias, (float)_config.LayerNormEpsilon, y);
            _backend.Linear(y, _queryKeyValue, LinearOutput.Store, projected.SliceRows(start, rows));
        }

        var parameters = new AttentionParameters { Heads = _config.Heads, Scale = 1f / MathF.Sqrt(_config.HeadSize), Rotary = true };
        _backend.Attention(
            projected.SliceColumns(0, hidden),
            projected.SliceColumns(hidden, hidden),
            projected.SliceColumns(2 * hidden, hidden),
            lengths,
            parameters,
            mixed);
        _backend.Linear(mixed, _attentionOutput, LinearOutput.Add, x);
    }

    private void AddFeedForward(Tensor x)
    {
        using IDisposable scope = _backend.BeginScope();
        int most = Math.Min(x.Rows, RowsAtATime);
        Tensor normal = _backend.Allocate(most, _config.HiddenSize);
        Tensor inner = _backend.Allocate(most, _config.IntermediateSize);
        for (int start = 0; start < x.Rows; start += RowsAtATime)
        {
            int rows = Math.Min(RowsAtATime, x.Rows - start);
            Tensor part = x.SliceRows(start, rows), y = normal.SliceRows(0, rows), z = inner.SliceRows(0, rows);
            _backend.LayerNorm(part, _feedForwardNormWeight, _feedForwardNormBias, (float)_config.LayerNormEpsilon, y);
            _backend.Linear(y, _intermediate, LinearOutput.Gelu, z);
            _backend.Linear(z, _output, LinearOutput.Add, part);
        }
    }

    private (Tensor Weight, Tensor Bias) Norm(WeightScope weights, int length) =>
        (_backend.Upload(weights.Read("weight", length), 1, length), _backend.Upload(weights.Read("bias", length), 1, length));

    private LinearWeights Linear(WeightScope weights, int outputs, int inputs) =>
        _backend.UploadLinear(weights.Read("weight", outputs, inputs), weights.Read("bias", outputs), outputs, inputs);

    /// <summary>The three projections as one matrix [3 hidden, hidden].</summary>
    private LinearWeights QueryKeyValue(WeightScope weights, int hidden)
    {
        float[] weight = new float[3 * hidden * hidden];
        float[] bias = new float[3 * hidden];
        string[] parts = ["query", "key", "value"];
        for (int i = 0; i < parts.Length; i++)
        {
            weights.Read($"{parts[i]}.weight", hidden, hidden).CopyTo(weight, i * hidden * hidden);
            weights.Read($"{parts[i]}.bias", hidden).CopyTo(bias, i * hidden);
        }

        return _backend.UploadLinear(weight, bias, 3 * hidden, hidden);
    }
}

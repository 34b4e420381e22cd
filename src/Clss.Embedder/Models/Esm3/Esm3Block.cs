using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// A block of the trunk (UnifiedTransformerBlock of esm/layers/blocks.py): attention, in the first block geometric attention, feed-forward network,
/// each added after division by sqrt(blocks / 36).
/// </summary>
internal sealed class Esm3Block
{
    private readonly ITensorBackend _backend;
    private readonly Esm3Config _config;
    private readonly float _scale;
    private readonly int _rowsAtATime;
    private readonly NormWeights _norm;
    private readonly LinearWeights _queryKeyValue;
    private readonly NormWeights _queryNorm;
    private readonly NormWeights _keyNorm;
    private readonly LinearWeights _output;
    private readonly GeometricLayer? _geometric;
    private readonly FeedForwardLayer _feedForward;

    public Esm3Block(ITensorBackend backend, Esm3Config config, int index, WeightScope weights)
    {
        // Depth at which the original's residual scale is 1.
        const double unscaledLayers = 36;
        int width = config.Width;
        _backend = backend;
        _config = config;
        _scale = (float)(1 / Math.Sqrt(config.Layers / unscaledLayers));
        _rowsAtATime = RowChunks.Rows(3 * width);
        WeightScope attention = weights.Sub("attn");
        _norm = new NormWeights(backend, attention.Sub("layernorm_qkv.0"), width);
        _queryKeyValue = LinearLoader.Load(backend, attention.Sub("layernorm_qkv.1"), 3 * width, width);
        _queryNorm = new NormWeights(backend, attention.Sub("q_ln"), width);
        _keyNorm = new NormWeights(backend, attention.Sub("k_ln"), width);
        _output = LinearLoader.Load(backend, attention.Sub("out_proj"), width, width);
        _geometric = index == 0 ? new GeometricLayer(backend, weights.Sub("geom_attn"), width, config.VectorHeads) : null;
        _feedForward = new FeedForwardLayer(backend, weights.Sub("ffn"), width, config.InnerWidth);
    }

    /// <summary>The whole block, in place. Frames [total, 13] are used by the first block.</summary>
    public void Apply(Tensor x, Tensor frames, PackedLengths lengths)
    {
        AddAttention(x, lengths, _scale);
        AddGeometricAttention(x, frames, lengths, _scale);
        _feedForward.Apply(x, _scale);
    }

    /// <summary>x += attention(x) times scale.</summary>
    public void AddAttention(Tensor x, PackedLengths lengths, float scale) => AddAttention(x, lengths, scale, x);

    /// <summary>destination += attention(x) times scale.</summary>
    public void AddAttention(Tensor x, PackedLengths lengths, float scale, Tensor destination)
    {
        using IDisposable scope = _backend.BeginScope();
        int width = _config.Width;
        Tensor projected = _backend.Allocate(x.Rows, 3 * width);
        Tensor mixed = _backend.Allocate(x.Rows, width);
        Tensor queries = projected.SliceColumns(0, width), keys = projected.SliceColumns(width, width);
        for (int start = 0; start < x.Rows; start += _rowsAtATime)
        {
            // The mixture's place holds the normalised rows until attention needs it.
            int rows = Math.Min(_rowsAtATime, x.Rows - start);
            Tensor normal = mixed.SliceRows(start, rows);
            _norm.Apply(_backend, x.SliceRows(start, rows), normal);
            _backend.Linear(normal, _queryKeyValue, LinearOutput.Store, projected.SliceRows(start, rows));
        }

        // Over the full width, before the heads are cut.
        _queryNorm.Apply(_backend, queries, queries);
        _keyNorm.Apply(_backend, keys, keys);
        var parameters = new AttentionParameters { Heads = _config.Heads, Scale = 1f / MathF.Sqrt(width / _config.Heads), Rotary = true };
        _backend.Attention(queries, keys, projected.SliceColumns(2 * width, width), lengths, parameters, mixed);
        _backend.Linear(mixed, _output, LinearOutput.Add, destination, scale);
    }

    /// <summary>x += geometric attention(x) times scale, in a block that has it.</summary>
    public void AddGeometricAttention(Tensor x, Tensor frames, PackedLengths lengths, float scale) =>
        AddGeometricAttention(x, frames, lengths, scale, x);

    /// <summary>destination += geometric attention(x) times scale, in a block that has it.</summary>
    public void AddGeometricAttention(Tensor x, Tensor frames, PackedLengths lengths, float scale, Tensor destination)
    {
        if (_geometric is null)
        {
            return;
        }

        using IDisposable scope = _backend.BeginScope();
        Tensor projected = _backend.Allocate(x.Rows, _geometric.ProjectedWidth);
        Tensor mixed = _backend.Allocate(x.Rows, _geometric.MixedWidth);
        _geometric.Project(x, projected);
        _geometric.Attend(projected, frames, lengths, firstRowsOnly: false, mixed);
        _geometric.AddOutput(mixed, destination, scale);
    }
}

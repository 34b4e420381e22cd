using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>LayerNorm, SwiGLU, projection back (swiglu_ln_ffn of esm/layers/blocks.py), some rows at a time.</summary>
internal sealed class FeedForwardLayer
{
    private readonly ITensorBackend _backend;
    private readonly NormWeights _norm;
    private readonly LinearWeights _inner;
    private readonly LinearWeights _output;
    private readonly int _innerWidth;
    private readonly int _rowsAtATime;

    // The numbers in the names are places in the original's torch.nn.Sequential; place 2 is the activation.
    public FeedForwardLayer(ITensorBackend backend, WeightScope weights, int width, int innerWidth)
    {
        _backend = backend;
        _innerWidth = innerWidth;
        _rowsAtATime = RowChunks.Rows(innerWidth);
        _norm = new NormWeights(backend, weights.Sub("0"), width);
        _inner = LinearLoader.Load(backend, weights.Sub("1"), 2 * innerWidth, width, LinearLayout.Gated);
        _output = LinearLoader.Load(backend, weights.Sub("3"), width, innerWidth);
    }

    /// <summary>x += the network's result times scale.</summary>
    public void Apply(Tensor x, float scale)
    {
        using IDisposable scope = _backend.BeginScope();
        int most = Math.Min(x.Rows, _rowsAtATime);
        Tensor normal = _backend.Allocate(most, x.Columns);
        Tensor inner = _backend.Allocate(most, _innerWidth);
        for (int start = 0; start < x.Rows; start += _rowsAtATime)
        {
            int rows = Math.Min(_rowsAtATime, x.Rows - start);
            Tensor part = x.SliceRows(start, rows), y = normal.SliceRows(0, rows), z = inner.SliceRows(0, rows);
            _norm.Apply(_backend, part, y);
            _backend.Linear(y, _inner, LinearOutput.SwiGlu, z);
            _backend.Linear(z, _output, LinearOutput.Add, part, scale);
        }
    }
}

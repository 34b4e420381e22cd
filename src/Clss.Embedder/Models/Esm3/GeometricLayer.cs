using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// LayerNorm, projections, geometric attention, projection back: GeometricReasoningOriginalImpl of esm/layers/geom_attention.py.
/// Biases are those that the weights have.
/// </summary>
internal sealed class GeometricLayer
{
    /// <summary>Numbers that the projections give for each head: five kinds of vectors.</summary>
    private const int NumbersPerHead = 15;

    private readonly ITensorBackend _backend;
    private readonly NormWeights _norm;
    private readonly LinearWeights _projection;
    private readonly LinearWeights _output;
    private readonly GeometricAttentionParameters _parameters;

    public GeometricLayer(ITensorBackend backend, WeightScope weights, int width, int heads)
    {
        _backend = backend;
        _norm = new NormWeights(backend, weights.Sub("s_norm"), width);
        _projection = LinearLoader.Load(backend, weights.Sub("proj"), NumbersPerHead * heads, width);
        _output = LinearLoader.Load(backend, weights.Sub("out_proj"), width, 3 * heads);
        _parameters = new GeometricAttentionParameters
        {
            Heads = heads,
            RotationScales = Softplus(weights.Read("rotation_scale_per_head", heads)),
            DistanceScales = Softplus(weights.Read("distance_scale_per_head", heads)),
        };
    }

    /// <summary>Columns of <see cref="Project"/>'s result.</summary>
    public int ProjectedWidth => NumbersPerHead * _parameters.Heads;

    /// <summary>Columns of <see cref="Attend"/>'s result.</summary>
    public int MixedWidth => 3 * _parameters.Heads;

    /// <summary>What attention works on: one row for each of x.</summary>
    public void Project(Tensor x, Tensor projected)
    {
        using IDisposable scope = _backend.BeginScope();
        Tensor normal = _backend.Allocate(x.Rows, x.Columns);
        _norm.Apply(_backend, x, normal);
        _backend.Linear(normal, _projection, LinearOutput.Store, projected);
    }

    /// <summary>Attention itself, for all rows or for the first row of each sequence.</summary>
    public void Attend(Tensor projected, Tensor frames, PackedLengths lengths, bool firstRowsOnly, Tensor mixed) =>
        _backend.GeometricAttention(projected, frames, lengths, _parameters with { FirstRowsOnly = firstRowsOnly }, mixed);

    /// <summary>x += the attention's result, projected back, times scale.</summary>
    public void AddOutput(Tensor mixed, Tensor x, float scale) => _backend.Linear(mixed, _output, LinearOutput.Add, x, scale);

    /// <summary>log(1 + e^x) / sqrt 3: the original divides both terms of the score by sqrt 3.</summary>
    private static float[] Softplus(float[] values) => [.. values.Select(value => (float)((Math.Max(value, 0) + Math.Log(1 + Math.Exp(-Math.Abs(value)))) / Math.Sqrt(3)))];
}

using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// The trunk of ESM3 (Hayes et al., Science 2025, doi:10.1126/science.ads0018) of any size, given coordinates only: esm/models/esm3.py.
/// Structures are packed end to end, L + 2 positions each.
/// </summary>
public sealed class Esm3Model
{
    private readonly ITensorBackend _backend;
    private readonly Esm3Input _input;
    private readonly Esm3Block[] _blocks;
    private readonly NormWeights _finalNorm;

    /// <summary>Reads the weights, by the names in ESM3's state dict, into the backend. Matrices in bfloat16 are mapped: the file must outlive the model.</summary>
    /// <exception cref="WeightFormatException">A tensor is missing or of another shape.</exception>
    public Esm3Model(ITensorBackend backend, Esm3Config config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _backend = backend;
        Config = config;
        _input = new Esm3Input(backend, config, weights.Sub("encoder"));
        _blocks = new Esm3Block[config.Layers];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = new Esm3Block(backend, config, i, weights.Sub($"transformer.blocks.{i}"));
        }

        _finalNorm = new NormWeights(backend, weights.Sub("transformer.norm"), config.Width);
    }

    /// <summary>The dimensions.</summary>
    public Esm3Config Config { get; }

    /// <summary>The whole network up to, and without, the final LayerNorm: [total, width] in the backend's current scope.</summary>
    /// <param name="tokens">Structure tokens [total], begin and end included.</param>
    /// <param name="hasAnyAtom">Whether any atom of a position has coordinates, [total].</param>
    /// <param name="frames">[total, 13]; begin and end have invalid ones.</param>
    /// <param name="lengths">Positions of each structure, begin and end included.</param>
    /// <param name="cancellationToken">Looked at before every block.</param>
    public Tensor Forward(
        ReadOnlySpan<int> tokens, ReadOnlySpan<bool> hasAnyAtom, Tensor frames, PackedLengths lengths, CancellationToken cancellationToken = default)
    {
        Tensor x = Embed(tokens, hasAnyAtom);
        for (int block = 0; block < _blocks.Length; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ApplyBlock(block, x, frames, lengths);
        }

        return x;
    }

    /// <summary>The input of the first block [total, width].</summary>
    public Tensor Embed(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> hasAnyAtom) => _input.Embed(tokens, hasAnyAtom);

    /// <summary>One block, in place.</summary>
    public void ApplyBlock(int block, Tensor x, Tensor frames, PackedLengths lengths) => _blocks[block].Apply(x, frames, lengths);

    /// <summary>The LayerNorm after the last block, in place; no part of the embedding.</summary>
    public void ApplyFinalNorm(Tensor x) => _finalNorm.Apply(_backend, x, x);

    internal Esm3Block Block(int index) => _blocks[index];
}

using Clss.Embedder.Inputs;
using Clss.Embedder.Models.Esm3;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Models;

/// <summary>
/// Backbones to pooled embeddings: structure tokens, then the mean of ESM3's embedding before its final LayerNorm over all L + 2 positions,
/// begin and end included.
/// </summary>
public sealed class StructureTower
{
    /// <summary>Positions computed together: enough that reading and widening the weights is spread over many; a structure is at least one batch.</summary>
    private const int PositionsPerBatch = 2048;

    private readonly ITensorBackend _backend;
    private readonly StructureEncoder _encoder;
    private readonly Esm3Model _model;

    /// <summary>Creates the tower around its networks; backend and networks stay the caller's.</summary>
    public StructureTower(ITensorBackend backend, StructureEncoder encoder, Esm3Model model)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(model);
        _backend = backend;
        _encoder = encoder;
        _model = model;
    }

    /// <summary>Length of a pooled embedding.</summary>
    public int Dimension => _model.Config.Width;

    /// <summary>Writes the pooled embeddings [n, Dimension] of any number of backbones. Batches follow the given order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the destination is partly written, the tower usable.</exception>
    public void Pool(ReadOnlySpan<Backbone> backbones, Span<float> destination, CancellationToken cancellationToken = default)
    {
        if (destination.Length != (long)backbones.Length * Dimension)
        {
            throw new ArgumentException($"Expected room for {backbones.Length} x {Dimension} floats, found {destination.Length}.", nameof(destination));
        }

        int start = 0, positions = 0;
        for (int i = 0; i < backbones.Length; i++)
        {
            int length = RequireResidues(backbones[i]) + 2;
            if (i > start && positions + length > PositionsPerBatch)
            {
                PoolPacked(backbones[start..i], destination[(start * Dimension)..(i * Dimension)], cancellationToken);
                (start, positions) = (i, 0);
            }

            positions += length;
        }

        if (start < backbones.Length)
        {
            PoolPacked(backbones[start..], destination[(start * Dimension)..], cancellationToken);
        }
    }

    /// <summary>ESM3's embedding of one backbone before its final normalisation, [L, Dimension]: a row for each residue.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the tower stays usable.</exception>
    public float[] States(Backbone backbone, CancellationToken cancellationToken = default)
    {
        RequireResidues(backbone);
        using IDisposable scope = _backend.BeginScope();
        (Tensor hidden, PackedLengths lengths) = Forward([backbone], cancellationToken);
        float[] rows = new float[lengths.Total * Dimension];
        _backend.Download(hidden, rows);
        return rows[Dimension..^Dimension];
    }

    /// <summary>The structure tokens of a backbone, one per residue, without begin and end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the tower stays usable.</exception>
    public int[] Tokens(Backbone backbone, CancellationToken cancellationToken = default)
    {
        int[] tokens = new int[RequireResidues(backbone)];
        _encoder.Encode([BackboneFrames.Build(backbone)], tokens, cancellationToken);
        return tokens;
    }

    private static int RequireResidues(Backbone? backbone) =>
        backbone is null || backbone.Length == 0 ? throw new ArgumentException("A structure needs at least one residue.", nameof(backbone)) : backbone.Length;

    private void PoolPacked(ReadOnlySpan<Backbone> backbones, Span<float> destination, CancellationToken cancellationToken)
    {
        using IDisposable scope = _backend.BeginScope();
        (Tensor hidden, PackedLengths lengths) = Forward(backbones, cancellationToken);
        Tensor pooled = _backend.Allocate(backbones.Length, Dimension);
        _backend.MeanPool(hidden, lengths, pooled);
        _backend.Download(pooled, destination);
    }

    private (Tensor Hidden, PackedLengths Lengths) Forward(ReadOnlySpan<Backbone> backbones, CancellationToken cancellationToken)
    {
        StructureBatch batch = StructureBatch.Build(backbones);
        int[] codes = new int[batch.Residues];
        _encoder.Encode(batch.Frames, codes, cancellationToken);
        Tensor frames = _backend.Allocate(batch.Lengths.Total, RigidFrames.Columns);
        _backend.Write(batch.FrameRows(), frames);
        return (_model.Forward(batch.Tokens(codes), batch.HasAnyAtom, frames, batch.Lengths, cancellationToken), batch.Lengths);
    }
}

using System.Runtime.InteropServices;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Models;

/// <summary>Sequences to pooled embeddings: the mean of ESM-2's last hidden state over all tokens, begin and end included.</summary>
public sealed class SequenceTower
{
    /// <summary>
    /// Tokens computed together. Packed, so that more brings no more speed; every sequence is at least one batch however long it is.
    /// </summary>
    private const int TokensPerBatch = 4096;

    private readonly ITensorBackend _backend;
    private readonly Esm2Model _model;

    /// <summary>Creates the tower around a network; backend and network stay the caller's.</summary>
    public SequenceTower(ITensorBackend backend, Esm2Model model)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(model);
        _backend = backend;
        _model = model;
    }

    /// <summary>Length of a pooled embedding.</summary>
    public int Dimension => _model.Config.HiddenSize;

    /// <summary>Writes the pooled embeddings [n, Dimension] of any number of sequences. Batches follow the given order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the destination is partly written, the tower usable.</exception>
    public void Pool(ReadOnlySpan<ProteinSequence> sequences, Span<float> destination, CancellationToken cancellationToken = default)
    {
        if (destination.Length != (long)sequences.Length * Dimension)
        {
            throw new ArgumentException(
                $"Expected room for {sequences.Length} x {Dimension} floats, found {destination.Length}.", nameof(destination));
        }

        List<int> tokens = [];
        List<int> lengths = [];
        int done = 0;
        foreach (ProteinSequence sequence in sequences)
        {
            if (sequence.Residues is null)
            {
                throw new ArgumentException("A sequence without residues must have empty text, not none.", nameof(sequences));
            }

            // A residue is at most one token, so the text's length tells whether the sequence still fits.
            if (lengths.Count > 0 && tokens.Count + sequence.Residues.Length > TokensPerBatch)
            {
                done += PoolPacked(tokens, lengths, destination[(done * Dimension)..], cancellationToken);
            }

            lengths.Add(EsmTokenizer.Tokenize(sequence.Residues, tokens));
        }

        if (lengths.Count > 0)
        {
            PoolPacked(tokens, lengths, destination[(done * Dimension)..], cancellationToken);
        }
    }

    /// <summary>The last hidden state of one sequence, [tokens - 2, Dimension]: a row for each token between begin and end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the tower stays usable.</exception>
    public float[] States(ProteinSequence sequence, CancellationToken cancellationToken = default)
    {
        List<int> tokens = [];
        int count = EsmTokenizer.Tokenize(sequence.Residues ?? throw new ArgumentException("A sequence must have a text.", nameof(sequence)), tokens);
        using IDisposable scope = _backend.BeginScope();
        Tensor hidden = _model.Forward(CollectionsMarshal.AsSpan(tokens), new PackedLengths([count]), cancellationToken);
        float[] rows = new float[count * Dimension];
        _backend.Download(hidden, rows);
        return rows[Dimension..^Dimension];
    }

    /// <summary>Computes one batch and empties the lists.</summary>
    private int PoolPacked(List<int> tokens, List<int> lengths, Span<float> destination, CancellationToken cancellationToken)
    {
        int count = lengths.Count;
        using IDisposable scope = _backend.BeginScope();
        PackedLengths packed = new(CollectionsMarshal.AsSpan(lengths));
        Tensor hidden = _model.Forward(CollectionsMarshal.AsSpan(tokens), packed, cancellationToken);
        Tensor pooled = _backend.Allocate(count, Dimension);
        _backend.MeanPool(hidden, packed, pooled);
        _backend.Download(pooled, destination[..(count * Dimension)]);
        tokens.Clear();
        lengths.Clear();
        return count;
    }
}

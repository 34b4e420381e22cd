using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder;

/// <summary>
/// Protein sequences to unit vectors in the space that CLSS gives to sequences and structures.
/// A sequence's vector is the same, bit for bit, alone and in any batch, with any number of threads.
/// Safe to use from several threads: calls wait for one another, since each already uses all the threads it may.
/// </summary>
public sealed class ClssEmbedder : IDisposable
{
    /// <summary>Sequences whose pooled embeddings are held at a time.</summary>
    private const int SequencesAtATime = 1024;

    private readonly Lock _lock = new();
    private readonly ITensorBackend _backend;
    private readonly SequenceTower _sequenceTower;
    private readonly ProjectionHead? _sequenceHead;
    private readonly ProjectionHead? _structureHead;
    private bool _disposed;

    private ClssEmbedder(ModelSource source, ITensorBackend backend)
    {
        Description = source.Description;
        Fingerprint = source.Fingerprint;
        _backend = backend;
        _sequenceTower = new SequenceTower(backend, new Esm2Model(backend, Description.SequenceTower, source.SequenceEncoder));
        WeightScope weights = new(source.Weights);
        if (Description.HasSequenceAdapter)
        {
            // The numbers in the names are places in the original's torch.nn.Sequential: after the ReLU, and first.
            _sequenceHead = new ProjectionHead(weights.Sub("sequence_adapter.1"), PooledDimension, Dimension, rectify: true);
        }

        if (Description.HasStructureAdapter)
        {
            WeightScope adapter = weights.Sub("structure_adapter.0");
            _structureHead = new ProjectionHead(adapter, checked((int)adapter.Info("weight").Shape[1]), Dimension, rectify: false);
        }
    }

    /// <summary>The model's name.</summary>
    public string Name => Description.Name;

    /// <summary>Equal for models that give equal vectors; stored with the vectors and compared before a search.</summary>
    public string Fingerprint { get; }

    /// <summary>What the model is.</summary>
    public ModelDescription Description { get; }

    /// <summary>Length of an embedding, or 0 without adapters.</summary>
    public int Dimension => Description.Dimension;

    /// <summary>Length of a pooled embedding: the hidden size of the sequence tower.</summary>
    public int PooledDimension => _sequenceTower.Dimension;

    /// <summary>Whether the model has an adapter for sequences. Without one there are pooled embeddings only.</summary>
    public bool HasAdapter => _sequenceHead is not null;

    /// <summary>Loads a model: a model directory, a CLSS checkpoint (.lckpt, .ckpt, .pt), or a Hugging Face ESM-2 directory, which has no adapter.</summary>
    /// <exception cref="ClssEmbedderException">Not there, damaged, or of a kind that is not computed here.</exception>
    public static ClssEmbedder Load(string modelPath, EmbedderOptions? options = null)
    {
        using ModelSource source = ModelSource.Open(modelPath);
        return Create(source, options);
    }

    /// <summary>Loads clss-mini, the very small model inside this assembly: for trying out and testing.</summary>
    public static ClssEmbedder LoadBuiltIn(EmbedderOptions? options = null)
    {
        using ModelSource source = ModelSource.OpenBuiltIn();
        return Create(source, options);
    }

    /// <summary>What a person must know before trusting the model's answers; null where there is nothing to say.</summary>
    public string? Notice => Description.Notice;

    /// <summary>The unit vector of a sequence.</summary>
    /// <exception cref="ClssEmbedderException">The model has no adapter for sequences.</exception>
    public Embedding Embed(ProteinSequence sequence)
    {
        float[] vector = new float[Dimension];
        EmbedBatch([sequence], vector);
        return new Embedding { Vector = vector, Modality = Modality.Sequence };
    }

    /// <summary>Writes the unit vectors [n, Dimension] of any number of sequences, of any length.</summary>
    /// <exception cref="ClssEmbedderException">The model has no adapter for sequences, or gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every layer; the embedder stays usable.</exception>
    public void EmbedBatch(ReadOnlySpan<ProteinSequence> sequences, Span<float> destination, CancellationToken cancellationToken = default)
    {
        ProjectionHead head = RequireHead(_sequenceHead, Modality.Sequence);
        RequireLength(destination.Length, sequences.Length, Dimension);
        float[] pooled = new float[Math.Min(sequences.Length, SequencesAtATime) * PooledDimension];
        for (int start = 0; start < sequences.Length; start += SequencesAtATime)
        {
            ReadOnlySpan<ProteinSequence> part = sequences.Slice(start, Math.Min(SequencesAtATime, sequences.Length - start));
            PoolBatch(part, pooled.AsSpan(0, part.Length * PooledDimension), cancellationToken);
            for (int i = 0; i < part.Length; i++)
            {
                Span<float> vector = destination.Slice((start + i) * Dimension, Dimension);
                head.Project(pooled.AsSpan(i * PooledDimension, PooledDimension), vector);
                ProjectionHead.Normalize(vector);
            }
        }
    }

    /// <summary>
    /// Writes the pooled embeddings [n, PooledDimension] of any number of sequences: the mean of the last hidden state over all tokens,
    /// before the adapter.
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every layer; the embedder stays usable.</exception>
    public void PoolBatch(ReadOnlySpan<ProteinSequence> sequences, Span<float> destination, CancellationToken cancellationToken = default)
    {
        RequireLength(destination.Length, sequences.Length, PooledDimension);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _sequenceTower.Pool(sequences, destination, cancellationToken);
        }

        foreach (float value in destination)
        {
            if (!float.IsFinite(value))
            {
                throw new ClssEmbedderException(
                    $"The model '{Name}' gives numbers that are not finite; its weights are damaged or not those of an ESM-2. Run 'clss models verify' on it.");
            }
        }
    }

    /// <summary>
    /// Writes the unit vector of an embedding that was pooled elsewhere, by the sequence tower or by ESM3's structure tower
    /// (mean over all positions, begin and end included, before the final LayerNorm).
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model has no adapter for the modality.</exception>
    public void ProjectPooled(Modality modality, ReadOnlySpan<float> pooled, Span<float> destination)
    {
        ProjectionHead head = RequireHead(modality == Modality.Structure ? _structureHead : _sequenceHead, modality);
        RequireLength(pooled.Length, 1, head.Inputs);
        RequireLength(destination.Length, 1, Dimension);
        head.Project(pooled, destination);
        ProjectionHead.Normalize(destination);
    }

    /// <summary>Releases weights and working memory.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _backend.Dispose();
            }
        }
    }

    private static ClssEmbedder Create(ModelSource source, EmbedderOptions? options)
    {
        options ??= new EmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        ITensorBackend backend = options.Backend.Create(options.Threads);
        try
        {
            return new ClssEmbedder(source, backend);
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    private static void RequireLength(int actual, int rows, int columns)
    {
        if (actual != (long)rows * columns)
        {
            throw new ArgumentException($"Expected {rows} x {columns} floats, found {actual}.");
        }
    }

    private ProjectionHead RequireHead(ProjectionHead? head, Modality modality)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return head ?? throw new ClssEmbedderException(
            $"The model '{Name}' has no adapter for a {modality.ToString().ToLowerInvariant()}, so it gives pooled embeddings only. "
            + "Use a CLSS model, or ask for pooled embeddings (--no-adapter).");
    }
}

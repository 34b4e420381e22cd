using System.Numerics.Tensors;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder;

/// <summary>
/// Protein sequences and structures to unit vectors in the space that CLSS gives to both.
/// An input's vector is the same, bit for bit, alone and in any batch, with any number of threads.
/// Safe to use from several threads: calls wait for one another, since each already uses all the threads it may.
/// </summary>
public sealed class ClssEmbedder : IDisposable
{
    /// <summary>Sequences whose pooled embeddings are held at a time.</summary>
    private const int InputsAtATime = 1024;

    private readonly Lock _lock = new();
    private readonly ITensorBackend _backend;
    private readonly SequenceTower? _sequenceTower;
    private readonly StructureSide? _structureSide;
    private readonly ProjectionHead? _sequenceHead;
    private readonly ProjectionHead? _structureHead;
    private bool _disposed;

    private ClssEmbedder(ModelSource source, StructureSource? structure, ITensorBackend backend)
    {
        Description = source.Description;
        Fingerprint = source.Fingerprint;
        _backend = backend;
        _structureSide = structure is null ? null : new StructureSide(backend, structure);
        if (Description.SequenceTower is { } tower)
        {
            _sequenceTower = new SequenceTower(backend, new Esm2Model(backend, tower, source.SequenceEncoder));
        }

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
            if (structure is not null && structure.Tower.Width != _structureHead.Inputs)
            {
                throw new ClssEmbedderException(
                    $"The structure tower of {structure.Place} is {structure.Tower.Width} wide, the structure adapter of '{Name}' takes {_structureHead.Inputs}: they belong to different models.");
            }
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

    /// <summary>Length of a sequence's pooled embedding: the hidden size of the sequence tower, or 0 without one.</summary>
    public int PooledDimension => _sequenceTower?.Dimension ?? 0;

    /// <summary>Whether sequences can be given: false for a structure side alone.</summary>
    public bool HasSequenceTower => _sequenceTower is not null;

    /// <summary>Whether structures can be given. Their tower is loaded when the first one comes.</summary>
    public bool HasStructureTower => _structureSide is not null;

    /// <summary>Whether the model has an adapter for structures. Without one there are pooled embeddings only.</summary>
    public bool HasStructureAdapter => _structureHead is not null;

    /// <summary>Length of a structure's pooled embedding: the width of the structure tower, or 0 without one.</summary>
    public int StructurePooledDimension => _structureSide?.Dimension ?? 0;

    /// <summary>
    /// Equal for structure towers that give equal pooled embeddings, or null without one; stored, beside <see cref="Fingerprint"/>, with vectors of structures.
    /// The first question reads all weights, some seconds for the real ESM3.
    /// </summary>
    public string? StructureFingerprint => _structureSide?.Fingerprint;

    /// <summary>Whether the model has an adapter for sequences. Without one there are pooled embeddings only.</summary>
    public bool HasAdapter => _sequenceHead is not null;

    /// <summary>Loads a model: a model directory, a CLSS checkpoint (.lckpt, .ckpt, .pt), or a Hugging Face ESM-2 directory or an ESM3 directory, which have no adapter.</summary>
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
        ProjectBatch(sequences, head, PooledDimension, (part, pooled) => PoolBatch(part, pooled, cancellationToken), destination);
    }

    /// <summary>
    /// Writes the pooled embeddings [n, PooledDimension] of any number of sequences: the mean of the last hidden state over all tokens,
    /// before the adapter.
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every layer; the embedder stays usable.</exception>
    public void PoolBatch(ReadOnlySpan<ProteinSequence> sequences, Span<float> destination, CancellationToken cancellationToken = default)
    {
        SequenceTower tower = RequireSequenceTower();
        RequireLength(destination.Length, sequences.Length, PooledDimension);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            tower.Pool(sequences, destination, cancellationToken);
        }

        RequireFinite(destination, "an ESM-2");
    }

    /// <summary>
    /// The last hidden state of a sequence, [tokens, PooledDimension], without begin and end. There is a row for each residue, but for letters that
    /// share a token: a run of <c>J</c>, or letters that the reference policy leaves in lower case.
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model has no sequence tower, or gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the embedder stays usable.</exception>
    public float[] ResidueStates(ProteinSequence sequence, CancellationToken cancellationToken = default)
    {
        SequenceTower tower = RequireSequenceTower();
        float[] rows;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            rows = tower.States(sequence, cancellationToken);
        }

        RequireFinite(rows, "an ESM-2");
        return rows;
    }

    /// <summary>ESM3's embedding of a structure before its final LayerNorm, [L, StructurePooledDimension], without begin and end.</summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower, or gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the embedder stays usable.</exception>
    public float[] ResidueStates(Backbone backbone, CancellationToken cancellationToken = default)
    {
        StructureSide side = RequireStructureSide();
        float[] rows;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            rows = side.Tower.States(backbone, cancellationToken);
        }

        RequireFinite(rows, "an ESM3");
        return rows;
    }

    /// <summary>The unit vector of a structure.</summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower or no adapter for structures.</exception>
    public Embedding Embed(Backbone backbone)
    {
        float[] vector = new float[Dimension];
        EmbedBatch([backbone], vector);
        return new Embedding { Vector = vector, Modality = Modality.Structure };
    }

    /// <summary>Writes the unit vectors [n, Dimension] of any number of structures, of any length from 1 residue on.</summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower or no adapter for structures, or gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every block; the embedder stays usable.</exception>
    public void EmbedBatch(ReadOnlySpan<Backbone> backbones, Span<float> destination, CancellationToken cancellationToken = default)
    {
        RequireStructureSide();
        ProjectionHead head = RequireHead(_structureHead, Modality.Structure);
        ProjectBatch(backbones, head, StructurePooledDimension, (part, pooled) => PoolBatch(part, pooled, cancellationToken), destination);
    }

    /// <summary>
    /// Writes the pooled embeddings [n, StructurePooledDimension] of any number of structures: the mean of ESM3's embedding before its final LayerNorm
    /// over all positions, begin and end included, before the adapter.
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower, or gives no finite number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every block; the embedder stays usable.</exception>
    public void PoolBatch(ReadOnlySpan<Backbone> backbones, Span<float> destination, CancellationToken cancellationToken = default)
    {
        StructureSide side = RequireStructureSide();
        RequireLength(destination.Length, backbones.Length, StructurePooledDimension);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            side.Tower.Pool(backbones, destination, cancellationToken);
        }

        RequireFinite(destination, "an ESM3");
    }

    /// <summary>The structure tokens of a structure, one code per residue.</summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower.</exception>
    public int[] StructureTokens(Backbone backbone, CancellationToken cancellationToken = default)
    {
        StructureSide side = RequireStructureSide();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return side.Tower.Tokens(backbone, cancellationToken);
        }
    }

    /// <summary>
    /// What structures of these lengths, in residues, will take here: for people to see before a long run. Measures the machine for a moment and loads nothing.
    /// </summary>
    /// <exception cref="ClssEmbedderException">The model has no structure tower.</exception>
    public StructureForecast ForecastStructures(ReadOnlySpan<int> lengths)
    {
        StructureSide side = RequireStructureSide();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return side.Forecast(lengths);
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

                // After the backend, which computes from the mapped weights.
                _structureSide?.Dispose();
            }
        }
    }

    private static ClssEmbedder Create(ModelSource source, EmbedderOptions? options)
    {
        options ??= new EmbedderOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads, nameof(options));
        StructureSource? structure = source.HasStructure ? source.OpenStructure()
            : options.StructureModel is { } path ? StructureSource.Open(path)
            : null;
        ITensorBackend? backend = null;
        try
        {
            backend = options.Backend.Create(options.Threads);
            return new ClssEmbedder(source, structure, backend);
        }
        catch
        {
            backend?.Dispose();
            structure?.Dispose();
            throw;
        }
    }

    private delegate void PoolInputs<TInput>(ReadOnlySpan<TInput> inputs, Span<float> pooled);

    /// <summary>Pools inputs and writes their unit vectors [n, Dimension], some at a time so that the pooled embeddings need little room.</summary>
    private void ProjectBatch<TInput>(
        ReadOnlySpan<TInput> inputs, ProjectionHead head, int pooledDimension, PoolInputs<TInput> pool, Span<float> destination)
    {
        RequireLength(destination.Length, inputs.Length, Dimension);
        float[] pooled = new float[Math.Min(inputs.Length, InputsAtATime) * pooledDimension];
        for (int start = 0; start < inputs.Length; start += InputsAtATime)
        {
            ReadOnlySpan<TInput> part = inputs.Slice(start, Math.Min(InputsAtATime, inputs.Length - start));
            pool(part, pooled.AsSpan(0, part.Length * pooledDimension));
            for (int i = 0; i < part.Length; i++)
            {
                Span<float> vector = destination.Slice((start + i) * Dimension, Dimension);
                head.Project(pooled.AsSpan(i * pooledDimension, pooledDimension), vector);
                ProjectionHead.Normalize(vector);
            }
        }
    }

    private SequenceTower RequireSequenceTower() => _sequenceTower ?? throw new ClssEmbedderException(
        $"The model '{Name}' has no sequence tower. Use a CLSS or ESM-2 model for sequences.");

    private static void RequireLength(int actual, int rows, int columns)
    {
        if (actual != (long)rows * columns)
        {
            throw new ArgumentException($"Expected {rows} x {columns} floats, found {actual}.");
        }
    }

    private void RequireFinite(ReadOnlySpan<float> values, string network)
    {
        if (!values.IsEmpty && !TensorPrimitives.IsFiniteAll(values))
        {
            throw new ClssEmbedderException(
                $"The model '{Name}' gives numbers that are not finite; its weights are damaged or not those of {network}. Run 'clss models verify' on it.");
        }
    }

    private StructureSide RequireStructureSide()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _structureSide ?? throw new StructureWeightsMissingException();
    }

    private ProjectionHead RequireHead(ProjectionHead? head, Modality modality)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return head ?? throw new ClssEmbedderException(
            $"The model '{Name}' has no adapter for a {modality.ToString().ToLowerInvariant()}, so it gives pooled embeddings only. "
            + "Use a CLSS model, or ask for pooled embeddings (--no-adapter).");
    }
}

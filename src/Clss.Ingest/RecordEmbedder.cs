using Clss.Embedder;
using Clss.Embedder.Inputs;

namespace Clss.Ingest;

/// <summary>Computes the vectors of records in the modalities wanted.</summary>
internal sealed class RecordEmbedder
{
    private readonly ClssEmbedder _embedder;
    private readonly bool _pooled;

    /// <param name="embedder">The model.</param>
    /// <param name="modalities">The modalities wanted.</param>
    /// <param name="pooled">Whether the pooled embedding is wanted, before the adapter.</param>
    /// <exception cref="ClssEmbedderException">The model has no tower for one of the modalities.</exception>
    public RecordEmbedder(ClssEmbedder embedder, IReadOnlyList<Modality> modalities, bool pooled)
    {
        _embedder = embedder;
        _pooled = pooled;
        Modalities = modalities;
        if (modalities.Contains(Modality.Structure) && !embedder.HasStructureTower)
        {
            throw new StructureWeightsMissingException();
        }

        if (modalities.Any(modality => modality != Modality.Structure) && !embedder.HasSequenceTower)
        {
            throw new ClssEmbedderException($"The model '{embedder.Name}' has no sequence tower: it embeds structures only. Use a CLSS or ESM-2 model for sequences.");
        }
    }

    /// <summary>The modalities wanted.</summary>
    public IReadOnlyList<Modality> Modalities { get; }

    /// <summary>Elements of a vector of a modality.</summary>
    public int DimensionOf(Modality modality) =>
        !_pooled ? _embedder.Dimension : modality == Modality.Structure ? _embedder.StructurePooledDimension : _embedder.PooledDimension;

    /// <summary>The modalities in which a record can be embedded.</summary>
    public IEnumerable<Modality> Of(DomainRecord record) =>
        Modalities.Where(modality => modality != Modality.Structure || record.Backbone is not null);

    /// <summary>Why no vector can be made of a record, or null.</summary>
    public RejectedRecord? Reject(DomainRecord record) => Of(record).Any()
        ? null
        : new RejectedRecord(record.Source, record.Line, record.Key, RejectionReasons.NoCoordinates, "a sequence has no coordinates to embed as a structure.");

    /// <summary>The states of one record's residues, [L, <see cref="DimensionOf"/>] of the pooled embedding, before pooling.</summary>
    public float[] ResidueStates(DomainRecord record, Modality modality, CancellationToken cancellationToken) => modality == Modality.Structure
        ? _embedder.ResidueStates(record.Backbone!, cancellationToken)
        : _embedder.ResidueStates(record.Sequence, cancellationToken);

    /// <summary>The vectors [n, <see cref="DimensionOf"/>] of records in one modality, which all of them have.</summary>
    public float[] Embed(IReadOnlyList<DomainRecord> records, Modality modality, CancellationToken cancellationToken)
    {
        float[] vectors = new float[checked(records.Count * DimensionOf(modality))];
        if (modality == Modality.Structure)
        {
            Backbone[] backbones = [.. records.Select(record => record.Backbone!)];
            if (_pooled)
            {
                _embedder.PoolBatch(backbones, vectors, cancellationToken);
            }
            else
            {
                _embedder.EmbedBatch(backbones, vectors, cancellationToken);
            }

            return vectors;
        }

        ProteinSequence[] sequences = [.. records.Select(record => record.Sequence)];
        if (_pooled)
        {
            _embedder.PoolBatch(sequences, vectors, cancellationToken);
        }
        else
        {
            _embedder.EmbedBatch(sequences, vectors, cancellationToken);
        }

        return vectors;
    }
}

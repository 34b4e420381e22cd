using System.Numerics.Tensors;
using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Ingest;

namespace Clss.Query.Scoring;

/// <summary>Compares proteins with proteins, each with each, in every pair of modalities.</summary>
public static class PairScoring
{
    // A batch fills the embedder and is small enough that the first rows come soon.
    private const int RecordsPerBatch = 64;
    private const int ResiduesPerBatch = 65_536;

    /// <summary>Whether the model has a structure tower and an adapter behind it.</summary>
    public static bool TakesStructures(ClssEmbedder embedder)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        return embedder.HasStructureTower && embedder.HasStructureAdapter;
    }

    /// <summary>Embeds records as they come: the sequence, and the structure where there are coordinates and the model takes them.</summary>
    /// <exception cref="ClssEmbedderException">The model has no adapter for sequences.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<ProteinVectors> Embed(ClssEmbedder embedder, IEnumerable<DomainRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(records);
        return Batches(records).SelectMany(batch => EmbedBatch(embedder, batch, cancellationToken));
    }

    /// <summary>Compares every query with every target: query by query, target by target, modality by modality.</summary>
    /// <exception cref="ClssQueryException">Two vectors differ in length: they are of different models.</exception>
    public static IEnumerable<PairScore> Compare(IEnumerable<ProteinVectors> queries, IReadOnlyList<ProteinVectors> targets)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(targets);
        return
            from query in queries
            from target in targets
            from left in query.Vectors
            from right in target.Vectors
            select new PairScore(query.Name, target.Name, left.Modality, right.Modality, Similarity(query.Name, left.Vector.Span, target.Name, right.Vector.Span));
    }

    private static float Similarity(string query, ReadOnlySpan<float> left, string target, ReadOnlySpan<float> right) => left.Length == right.Length
        ? TensorPrimitives.Dot(left, right)
        : throw new ClssQueryException(
            $"The vector of {query} has {left.Length} numbers, that of {target} has {right.Length}: their models differ and so nothing can be compared.");

    private static IEnumerable<List<DomainRecord>> Batches(IEnumerable<DomainRecord> records)
    {
        var batch = new List<DomainRecord>();
        long residues = 0;
        foreach (DomainRecord record in records)
        {
            batch.Add(record);
            residues += record.Sequence.Residues.Length;
            if (batch.Count == RecordsPerBatch || residues >= ResiduesPerBatch)
            {
                yield return batch;
                batch = [];
                residues = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private static ProteinVectors[] EmbedBatch(ClssEmbedder embedder, List<DomainRecord> batch, CancellationToken cancellationToken)
    {
        int dimension = embedder.Dimension;
        ProteinSequence[] sequences = [.. batch.Select(record => record.Sequence)];
        float[] ofSequences = new float[sequences.Length * dimension];
        embedder.EmbedBatch(sequences, ofSequences, cancellationToken);

        bool structures = TakesStructures(embedder);
        Backbone[] backbones = structures ? [.. batch.Select(record => record.Backbone).OfType<Backbone>()] : [];
        float[] ofStructures = new float[backbones.Length * dimension];
        if (backbones.Length > 0)
        {
            embedder.EmbedBatch(backbones, ofStructures, cancellationToken);
        }

        var results = new ProteinVectors[batch.Count];
        int structure = 0;
        for (int i = 0; i < results.Length; i++)
        {
            List<Embedding> vectors = [new Embedding { Vector = ofSequences.AsMemory(i * dimension, dimension), Modality = Modality.Sequence }];
            if (structures && batch[i].Backbone is not null)
            {
                vectors.Add(new Embedding { Vector = ofStructures.AsMemory(structure++ * dimension, dimension), Modality = Modality.Structure });
            }

            results[i] = new ProteinVectors(batch[i].Key, vectors);
        }

        return results;
    }
}

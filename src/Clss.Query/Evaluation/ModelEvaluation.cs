using Clss.Embedder;
using Clss.Embedder.Inputs;

namespace Clss.Query.Evaluation;

/// <summary>Measures a model by labelled domains: embeds them and counts how often the nearest is a relative.</summary>
public sealed class ModelEvaluation
{
    // Often enough for a progress line, and for a cancellation to be quick.
    private const int DomainsAtATime = 64;

    private readonly ClssEmbedder _embedder;

    /// <summary>Prepares an evaluation; the model is not disposed by it.</summary>
    public ModelEvaluation(ClssEmbedder embedder)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        _embedder = embedder;
    }

    /// <summary>Whether structures are measured: the model has both a structure tower and an adapter behind it. Otherwise it is sequences alone.</summary>
    public bool HasStructures => _embedder.HasStructureTower && _embedder.HasStructureAdapter;

    /// <summary>Embeds the domains and compares them.</summary>
    /// <param name="domains">The domains.</param>
    /// <param name="threads">Threads of the comparison; 0 means all. The embedder has its own.</param>
    /// <param name="progress">Told after every few domains.</param>
    /// <param name="cancellationToken">Looked at before every few domains.</param>
    /// <exception cref="ClssEmbedderException">The model has no adapter for sequences.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public EvaluationReport Run(
        LabelledDomains domains, int threads = 0, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Compare(domains, Embed(domains, progress, cancellationToken), threads, cancellationToken);

    /// <summary>Computes the vectors: of sequences, and where the model has a structure tower of structures and middle halves.</summary>
    /// <exception cref="ClssEmbedderException">The model has no adapter for sequences.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public DomainVectors Embed(LabelledDomains domains, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(domains);
        IReadOnlyList<LabelledDomain> all = domains.Domains;
        int done = 0;
        float[] Fill<T>(Func<LabelledDomain, T> part, EmbedParts<T> embed, int total)
        {
            float[] vectors = new float[checked(all.Count * _embedder.Dimension)];
            for (int start = 0; start < all.Count; start += DomainsAtATime)
            {
                T[] parts = [.. all.Skip(start).Take(DomainsAtATime).Select(part)];
                embed(parts, vectors.AsSpan(start * _embedder.Dimension, parts.Length * _embedder.Dimension), cancellationToken);
                done += parts.Length;
                progress?.Report(new EvaluationProgress(done, total));
            }

            return vectors;
        }

        bool structures = HasStructures;
        int total = checked(all.Count * (structures ? 3 : 1));
        var vectors = new DomainVectors
        {
            Dimension = _embedder.Dimension,
            Sequences = Fill<ProteinSequence>(domain => domain.Sequence, _embedder.EmbedBatch, total),
        };
        return !structures ? vectors : vectors with
        {
            MiddleHalves = Fill<ProteinSequence>(domain => MiddleHalf.Of(domain.Sequence), _embedder.EmbedBatch, total),
            Structures = Fill<Backbone>(domain => domain.Backbone, _embedder.EmbedBatch, total),
        };
    }

    /// <summary>Compares vectors of the domains that were computed before.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public EvaluationReport Compare(LabelledDomains domains, DomainVectors vectors, int threads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(vectors);
        string[] superfamilies = [.. domains.Domains.Select(domain => domain.Superfamily)];
        string[] folds = [.. domains.Domains.Select(domain => domain.Fold)];
        var evaluation = new RetrievalEvaluation(superfamilies, folds);
        EvaluatedPair Pair(Modality query, ReadOnlyMemory<float> queries, Modality target, ReadOnlyMemory<float> targets) =>
            new(query, target, evaluation.Compare(queries, targets, vectors.Dimension, threads, cancellationToken));

        var pairs = new List<EvaluatedPair> { Pair(Modality.Sequence, vectors.Sequences, Modality.Sequence, vectors.Sequences) };
        if (!vectors.Structures.IsEmpty)
        {
            pairs.Add(Pair(Modality.Structure, vectors.Structures, Modality.Structure, vectors.Structures));
            pairs.Add(Pair(Modality.Sequence, vectors.Sequences, Modality.Structure, vectors.Structures));
            pairs.Add(Pair(Modality.Structure, vectors.Structures, Modality.Sequence, vectors.Sequences));
            pairs.Add(Pair(Modality.Segment, vectors.MiddleHalves, Modality.Structure, vectors.Structures));
        }

        return new EvaluationReport
        {
            ModelName = _embedder.Name,
            Model = _embedder.Fingerprint,
            StructureTower = vectors.Structures.IsEmpty ? null : _embedder.StructureFingerprint,
            Domains = domains.Domains.Count,
            Residues = domains.Residues,
            Superfamilies = superfamilies.Distinct(StringComparer.Ordinal).Count(),
            Folds = folds.Distinct(StringComparer.Ordinal).Count(),
            WithoutCoordinates = domains.WithoutCoordinates,
            Repeated = domains.Repeated,
            Pairs = pairs,
        };
    }

    private delegate void EmbedParts<T>(ReadOnlySpan<T> parts, Span<float> destination, CancellationToken cancellationToken);
}

using Clss.Embedder;
using Clss.Index;
using Clss.Ingest.Sources;

namespace Clss.Ingest;

/// <summary>Embeds the records of an input and stores them in a collection.</summary>
public sealed class IngestPipeline
{
    private readonly ClssEmbedder _embedder;
    private readonly VectorCollection _collection;
    private readonly IngestOptions _options;

    /// <summary>Prepares a pipeline; neither argument is disposed by it.</summary>
    public IngestPipeline(ClssEmbedder embedder, VectorCollection collection, IngestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(collection);
        _embedder = embedder;
        _collection = collection;
        _options = options ?? new IngestOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BatchTokens, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.CommitRecords, 1, nameof(options));
    }

    /// <summary>
    /// Runs to the end of the input. A key that comes twice is taken once; the others are rejected. With
    /// <see cref="IngestOptions.StatePath"/>, a run that was interrupted goes on behind its last commit and leaves what an
    /// uninterrupted one leaves, compacted.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled; what was done is committed.</exception>
    /// <exception cref="ClssIngestException">The input cannot be read, gives nothing, or is not that of the interrupted run.</exception>
    public Task<IngestReport> RunAsync(RecordInput input, IProgress<IngestProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Task.Run(() => Run(input, progress, cancellationToken), CancellationToken.None);
    }

    /// <summary>What identifies an ingest of these inputs with this model and these options.</summary>
    internal static IngestState StateOf(ClssEmbedder embedder, RecordInput input, IReadOnlyList<Modality> modalities, string form = "embedded", string beside = "") => new()
    {
        Model = embedder.Fingerprint,
        StructureModel = modalities.Contains(Modality.Structure) ? embedder.StructureFingerprint ?? "" : "",
        Options = $"{input.Reading}, {form} by {NamesOf(modalities)}{beside}",
        Inputs = input.Files,
    };

    /// <summary>The modalities as text, for the state.</summary>
    internal static string NamesOf(IEnumerable<Modality> modalities) => string.Join(" and ", modalities.Select(modality => modality.ToName()));

    private IngestReport Run(RecordInput input, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        IngestState state = StateOf(_embedder, input, _options.ModalitiesFor(input), beside: _options.Beside);
        IngestState? previous = _options.StatePath is { } path ? IngestState.Load(path) : null;
        if (previous?.DifferenceFrom(state) is { } difference)
        {
            throw new ClssIngestException($"{_options.StatePath}: the interrupted run cannot be continued: {difference}.");
        }

        using var run = new IngestRun(new CollectionSink(_embedder, _collection, _options.ModalitiesFor(input)), input, _options, state, previous, progress);
        IngestReport report = run.Run(cancellationToken);
        if (_options.StatePath is { } statePath)
        {
            // A collection that was made in one go is folded into its smallest form before it counts as complete.
            _collection.Compact();
            (run.CommittedState with { Complete = true }).Save(statePath);
        }

        return report;
    }
}

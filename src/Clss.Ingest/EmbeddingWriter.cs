using Clss.Embedder;
using Clss.Ingest.Sources;

namespace Clss.Ingest;

/// <summary>
/// Embeds an input into <c>OUT.npy</c>, a NumPy array [n, d] in input order (or <c>OUT.tsv</c> or <c>OUT.safetensors</c>, see <see cref="VectorFile"/>), with <c>OUT.ids.tsv</c> (row, id, modality,
/// length) beside it. Both are written under other names and moved when they are complete; the same call continues an
/// interrupted run.
/// </summary>
public sealed class EmbeddingWriter
{
    private const string PartialSuffix = ".partial";
    private const string StateSuffix = ".partial.json";

    private readonly ClssEmbedder _embedder;
    private readonly EmbeddingOptions _options;

    /// <summary>Prepares a writer; the model is not disposed by it.</summary>
    public EmbeddingWriter(ClssEmbedder embedder, EmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        _embedder = embedder;
        _options = options ?? new EmbeddingOptions();
    }

    /// <summary>The table that lies beside a file of vectors: <c>x.ids.tsv</c> for <c>x.npy</c>, <c>x.tsv</c> and <c>x.safetensors</c>.</summary>
    public static string IdsPathOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return (VectorFile.IsKnown(path) ? path[..^Path.GetExtension(path).Length] : path) + ".ids.tsv";
    }

    /// <summary>Runs to the end of the input.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the same call goes on from there.</exception>
    /// <exception cref="ClssIngestException">The input cannot be read or gives nothing, or the files cannot be written.</exception>
    public Task<IngestReport> WriteAsync(RecordInput input, string path, IProgress<IngestProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => Write(input, path, progress, cancellationToken), CancellationToken.None);
    }

    private IngestReport Write(RecordInput input, string path, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        string statePath = path + StateSuffix;
        string idsPath = IdsPathOf(path);
        IngestOptions options = _options.Ingest with
        {
            StatePath = statePath,
            SkipReportPath = _options.Ingest.SkipReportPath ?? DatabaseBuilder.SkipReportPathOf(path),
        };
        Modality modality = ModalityOf(input, options.Modalities);
        IngestState state = IngestPipeline.StateOf(_embedder, input, [modality], _options.PerResidue ? "residues" : _options.Pooled ? "pooled" : "embedded");
        try
        {
            IngestState? previous = Previous(statePath, state, path, idsPath);
            IngestReport report;
            using (var sink = new ArraySink(_embedder, _options, modality, path + PartialSuffix, idsPath + PartialSuffix, previous))
            {
                using var run = new IngestRun(sink, input, options, state, previous, progress);
                report = run.Run(cancellationToken);
                sink.Finish();
            }

            string finished = VectorFile.FromArray(path, path + PartialSuffix, idsPath + PartialSuffix, _options.PerResidue);
            File.Move(idsPath + PartialSuffix, idsPath, overwrite: true);
            File.Move(finished, path, overwrite: true);
            File.Delete(path + PartialSuffix);
            File.Delete(statePath);
            return report;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClssIngestException($"{path}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>An array holds vectors of one modality: the one asked for, else structures of structures and sequences of sequences.</summary>
    private static Modality ModalityOf(RecordInput input, IReadOnlyList<Modality>? asked) => asked switch
    {
        [Modality only] => only,
        null when !(input.HasStructures && input.HasSequences) => input.HasStructures ? Modality.Structure : Modality.Sequence,
        null => throw new ClssIngestException("The inputs are sequences and structures. An array holds vectors of one modality: say which (sequence or structure)."),
        _ => throw new ClssIngestException($"An array holds vectors of one modality, not {IngestPipeline.NamesOf(asked)}."),
    };

    /// <summary>
    /// The state of an interrupted run of the same work, when its files are there. What another command left unfinished is
    /// begun anew: a partial file is nobody's result.
    /// </summary>
    private static IngestState? Previous(string statePath, IngestState state, string path, string idsPath)
    {
        IngestState? previous;
        try
        {
            previous = IngestState.Load(statePath);
        }
        catch (ClssIngestException)
        {
            previous = null;
        }

        bool usable = previous is { Rows: >= 0, SideBytes: > 0 }
            && previous.DifferenceFrom(state) is null
            && File.Exists(path + PartialSuffix)
            && File.Exists(idsPath + PartialSuffix);
        if (!usable)
        {
            File.Delete(statePath);
        }

        return usable ? previous : null;
    }
}

using Clss.Embedder;
using Clss.Index;
using Clss.Index.Hnsw;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Formats.Tsv;
using Clss.Ingest.Sources;

namespace Clss.Ingest;

/// <summary>Makes a database folder: from sequences, going on where an interrupted run stopped, or from ready vectors.</summary>
public static class DatabaseBuilder
{
    // Of ready vectors whose table does not say what they are.
    private static readonly string DefaultPartition = Modality.Sequence.ToName();

    /// <summary>
    /// Embeds the input into a new database. The same call continues an interrupted run, and answers
    /// <see cref="IngestReport.AlreadyComplete"/> when there is nothing left to do.
    /// </summary>
    /// <param name="embedder">The model.</param>
    /// <param name="input">The sequences.</param>
    /// <param name="directory">The folder of the database.</param>
    /// <param name="options">How; the skip report is <c>DIRECTORY_skipped.tsv</c> unless another path is given.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Stops it after a commit.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; the same call goes on from there.</exception>
    /// <exception cref="ClssIngestException">The input gives nothing, or the folder holds something else.</exception>
    public static async Task<IngestReport> BuildAsync(
        ClssEmbedder embedder,
        RecordInput input,
        string directory,
        DatabaseOptions? options = null,
        IProgress<IngestProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        ArgumentNullException.ThrowIfNull(input);
        options ??= new DatabaseOptions();
        DatabaseFolder folder = DatabaseFolder.At(directory, options.Overwrite);
        IngestOptions ingest = options.Ingest with
        {
            StatePath = folder.StatePath,
            SkipReportPath = options.Ingest.SkipReportPath ?? SkipReportPathOf(folder.Target),
            Beside = Describe(options),
        };
        IngestState state = IngestPipeline.StateOf(embedder, input, ingest.ModalitiesFor(input), beside: ingest.Beside);
        if (Prepare(folder, embedder, state, options) is { } finished)
        {
            folder.Finish();
            return AlreadyComplete(finished, ingest);
        }

        IngestReport report;
        bool nothingStored = false;
        try
        {
            using VectorCollection collection = VectorCollection.Open(folder.Working, OpenMode.ReadWrite);
            try
            {
                report = await new IngestPipeline(embedder, collection, ingest).RunAsync(input, progress, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                nothingStored = collection.Info.Count == 0;
                throw;
            }
        }
        finally
        {
            if (nothingStored)
            {
                folder.Delete();
            }
        }

        folder.Finish();
        return report;
    }

    /// <summary>Stores ready vectors. Row i of the array belongs to row i of the table.</summary>
    /// <param name="vectorsPath">A NumPy array [n, d].</param>
    /// <param name="metadataPath">A tab-separated table, the key first; null to use row numbers, from 0, as keys.</param>
    /// <param name="directory">The folder of the database.</param>
    /// <param name="model">The fingerprint of the model the vectors come from; empty when it is not known.</param>
    /// <param name="modelName">The name of that model.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops it; nothing is left.</param>
    /// <exception cref="ClssIngestException">The files do not fit each other or cannot be read, or the folder holds something else.</exception>
    public static IngestReport BuildFromVectors(
        string vectorsPath,
        string? metadataPath,
        string directory,
        string model = "",
        string modelName = "",
        DatabaseOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new DatabaseOptions();
        DatabaseFolder folder = DatabaseFolder.At(directory, options.Overwrite);
        if (folder.Working == folder.Target && folder.Exists)
        {
            throw new ClssIngestException($"{directory} exists. Choose another name, or replace it with --overwrite.");
        }

        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        using NpyReader vectors = NpyReader.Open(vectorsPath);
        MetadataTable? table = metadataPath is null ? null : MetadataTable.Open(metadataPath);
        if (table is not null && table.RowCount != vectors.Rows)
        {
            throw new ClssIngestException($"{metadataPath} has {table.RowCount:N0} rows, {vectorsPath} has {vectors.Rows:N0} vectors: they do not belong together.");
        }

        using var skipped = new SkipReport(options.Ingest.SkipReportPath ?? SkipReportPathOf(folder.Target));
        long rows = 0;
        folder.Create(creating =>
        {
            using VectorCollection collection = VectorCollection.Create(
                creating,
                new CollectionOptions { Dimension = vectors.Columns, Model = model, ModelName = modelName, Columns = table?.Columns ?? [], Index = options.Index, Storage = options.Storage });
            rows = VectorImport.Store(vectors, vectorsPath, table, collection, DefaultPartition, skipped, cancellationToken);
            collection.Compact();
        });
        folder.Finish();
        return new IngestReport
        {
            Rows = rows,
            ResumedRecords = 0,
            Residues = 0,
            Rejected = skipped.Counts,
            FirstRejected = skipped.First,
            Notes = [],
            SkipReportPath = skipped.Complete(),
            Elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(start),
        };
    }

    /// <summary>The fingerprint of the structure tower that a database's structures were embedded with; null where the database does not say.</summary>
    public static string? StructureModelOf(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return IngestState.Load(Path.Combine(directory, IngestState.FileName)) is { StructureModel.Length: > 0 } state ? state.StructureModel : null;
    }

    /// <summary>Where the records that were not taken into a database, or into a file of vectors, are listed: <c>x_skipped.tsv</c> for <c>x</c> or <c>x.npy</c>.</summary>
    public static string SkipReportPathOf(string output)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        string name = Path.TrimEndingDirectorySeparator(output);
        return (VectorFile.IsKnown(name) ? name[..^Path.GetExtension(name).Length] : name) + "_skipped.tsv";
    }

    /// <summary>Makes the working folder ready. Returns the state of a run that had already finished the work.</summary>
    private static IngestState? Prepare(DatabaseFolder folder, ClssEmbedder embedder, IngestState state, DatabaseOptions options)
    {
        if (folder.Exists)
        {
            IngestState? previous = IngestState.Load(folder.StatePath);
            string? difference = previous is null ? "it was not made from sequences" : previous.DifferenceFrom(state);
            if (difference is null && previous!.Complete && previous.HasSameTimes(state))
            {
                return previous;
            }

            // Without a record in it nothing can be lost; a replacement under way belongs to whoever asked for it.
            bool mayDiscard = previous is { Records: 0 } || folder.Working != folder.Target;
            if (difference is null && previous!.Complete)
            {
                difference = "its input files were written again since, or came through a pipe";
            }

            if (difference is null)
            {
                return null;
            }

            if (!mayDiscard)
            {
                string what = previous is { Complete: false } ? "holds an unfinished database" : "is a database already";
                throw new ClssIngestException($"{folder.Target} {what}, but {difference}. Choose another name, or replace it with --overwrite.");
            }
        }

        folder.Create(creating =>
        {
            using (VectorCollection collection = VectorCollection.Create(
                creating,
                new CollectionOptions { Dimension = embedder.Dimension, Model = embedder.Fingerprint, ModelName = embedder.Name, Index = options.Index, Storage = options.Storage }))
            {
                collection.Commit();
            }

            state.Save(Path.Combine(creating, IngestState.FileName));
        });
        return null;
    }

    /// <summary>Index and storage as part of the state; nothing for the defaults, which are also those of databases made before there was a choice.</summary>
    private static string Describe(DatabaseOptions options) =>
        Describe(options.Index) + (options.Storage == VectorStorage.Int16 ? ", storage int16" : "");

    private static string Describe(IndexOptions index) => index == new IndexOptions()
        ? ""
        : $", index {index.Kind.ToString().ToLowerInvariant()}{(index.Cells.RowsPerCell > 0 ? $" of {index.Cells.RowsPerCell} rows per cell" : "")}"
            + $"{(index.Hnsw != new HnswParameters() ? $" of M {index.Hnsw.M}, efConstruction {index.Hnsw.EfConstruction}, seed {index.Hnsw.Seed}" : "")}, seed {index.Seed}";

    private static IngestReport AlreadyComplete(IngestState finished, IngestOptions options) => new()
    {
        Rows = finished.Rows,
        ResumedRecords = finished.Records,
        Residues = 0,
        Rejected = SkipReport.CountRows(options.SkipReportPath),
        FirstRejected = [],
        Notes = [],
        SkipReportPath = File.Exists(options.SkipReportPath) ? options.SkipReportPath : null,
        Elapsed = TimeSpan.Zero,
        AlreadyComplete = true,
    };
}

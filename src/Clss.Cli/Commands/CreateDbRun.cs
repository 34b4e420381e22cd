using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Embedder.Weights;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Sources;

namespace Clss.Cli.Commands;

/// <summary>One database to make, as asked for on the command line.</summary>
internal sealed record CreateDbRun
{
    public IReadOnlyList<string> Inputs { get; init; } = [];

    public string Database { get; init; } = "";

    public string? Vectors { get; init; }

    public string? Metadata { get; init; }

    public string? Model { get; init; }

    public ResiduePolicy Policy { get; init; } = ResiduePolicy.Default;

    public bool Overwrite { get; init; }

    /// <summary>The index to build.</summary>
    public IndexOptions Index { get; init; } = new();

    /// <summary>In which form vectors are kept.</summary>
    public VectorStorage Storage { get; init; }

    /// <summary>The modalities in which the inputs are embedded; null chooses by the input.</summary>
    public IReadOnlyList<Modality>? Modalities { get; init; }

    /// <summary>Where records that were not taken are listed; null for <c>DB_skipped.tsv</c>.</summary>
    public string? SkipReport { get; init; }

    private DatabaseOptions Options => new()
    {
        Overwrite = Overwrite,
        Index = Index,
        Storage = Storage,
        Ingest = new IngestOptions { SkipReportPath = SkipReport, Modalities = Modalities },
    };

    /// <summary>Embeds the inputs into the database; returns how many records were skipped.</summary>
    public async Task<long> EmbedAsync(Session session, CancellationToken cancellationToken)
    {
        using ClssEmbedder embedder = ModelOption.Load(session, Model);
        if (!embedder.HasAdapter && !embedder.HasStructureAdapter)
        {
            throw new UsageException($"the model {embedder.Name} has no adapter into the common space, so it cannot fill a database. It serves 'clss embed --no-adapter' only.");
        }

        RecordInput input = RecordInput.Open(Inputs, new FastaOptions { Policy = Policy }, PolicyOption.OfStructures(Policy));
        Forecast.Show(session, embedder, input.HasStructures && (Modalities?.Contains(Modality.Structure) ?? true));
        IngestReport report;
        using (var progress = new IngestLine(session, "embed"))
        {
            report = await DatabaseBuilder.BuildAsync(embedder, input, Database, Options, progress, cancellationToken);
        }

        IngestSummary.Write(session, report, "vectors", Database);
        WriteManifest(session, embedder.Name, embedder.Fingerprint, report, embedder.StructureFingerprint);
        return report.RejectedCount;
    }

    /// <summary>Stores ready vectors; returns how many were skipped.</summary>
    public long Store(Session session, CancellationToken cancellationToken)
    {
        string fingerprint = "";
        string name = "";
        if (Model is not null)
        {
            using ModelSource source = ModelOption.OpenSource(Model);
            (fingerprint, name) = (source.Fingerprint, source.Description.Name);
        }

        IngestReport report = DatabaseBuilder.BuildFromVectors(Vectors!, Metadata, Database, fingerprint, name, Options, cancellationToken);
        IngestSummary.Write(session, report, "vectors", Database);
        WriteManifest(session, name, fingerprint, report);
        return report.RejectedCount;
    }

    private void WriteManifest(Session session, string model, string fingerprint, IngestReport report, string? structureFingerprint = null) => new RunManifest()
        .With("model", ("name", model), ("fingerprint", fingerprint), ("structure_fingerprint", structureFingerprint))
        .With("database", ("path", Database), ("hash", VectorCollection.ContentHash(Database)))
        .With("parameters", ("inputs", Inputs), ("vectors", Vectors), ("metadata", Metadata), ("policy", Policy.ToString().ToLowerInvariant()), ("modalities", Modalities?.Select(modality => modality.ToName()).ToArray()),
            ("index", Index.Kind.ToString().ToLowerInvariant()), ("rows_per_cell", Index.Cells.RowsPerCell > 0 ? Index.Cells.RowsPerCell : null),
            ("m", Index.Kind == IndexKind.Hnsw ? Index.Hnsw.M : null), ("ef_construction", Index.Kind == IndexKind.Hnsw ? Index.Hnsw.EfConstruction : null),
            ("storage", StorageOption.NameOf(Storage)))
        .With("counts", ("rows", report.Rows), ("skipped", report.RejectedCount), ("resumed_records", report.ResumedRecords))
        .Write(Database, "createdb", session.Started);
}
